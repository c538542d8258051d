import { conforms } from "../conforms.ts";

conforms("LocalBackend");
