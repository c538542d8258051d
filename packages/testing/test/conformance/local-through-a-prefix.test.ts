import { conforms } from "../conforms.ts";

conforms("LocalBackend, through withPrefix");
