// @ts-self-types="./mod.d.ts"
export * from "./deadline.js";
export * from "./delay.js";
export * from "./pool.js";
