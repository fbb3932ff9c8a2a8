/** Sets what a map is to keep longest, and lets go what it was set first when it has more than `max`. */
export function keepLatest<K, V>(
  map: Map<K, V>,
  max: number,
  key: K,
  value: V,
): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max) map.delete(oldest!);
}
