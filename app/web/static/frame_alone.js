// What a page has around it, where it has no script of its own.

import { start } from "./js/frame.js";

start();
