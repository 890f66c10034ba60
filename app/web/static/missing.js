// The page that stands where there is none.

import { start } from "./js/frame.js";

start();
