export * from "./deadline.d.ts";
export * from "./delay.d.ts";
export * from "./pool.d.ts";
