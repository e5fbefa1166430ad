// Listens in Node as the argument (JSON) says and prints what it is told, a line each.

import * as app from "firebase/app";
import * as firestore from "firebase/firestore";
import { listen } from "./listener.js";

firestore.setLogLevel("silent");
listen({ ...app, ...firestore }, JSON.parse(process.argv[2]), (told) =>
  console.log(JSON.stringify(told)),
);
