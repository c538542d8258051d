import { conforms } from "../conforms.ts";

conforms("MemoryBackend, through withPrefix");
