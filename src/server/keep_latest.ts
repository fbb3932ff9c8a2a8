/** Sets an entry as the newest of a map, and removes the oldest when there are more than `max`. */
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
