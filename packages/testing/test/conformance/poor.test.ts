import { conforms } from "../conforms.ts";

conforms("a backend that can do nothing beside the least");
