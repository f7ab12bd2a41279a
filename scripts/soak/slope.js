/** The slope of the line through points that misses them least. */
export function slopeOf(points) {
  const n = points.length;
  if (n < 2) return 0;
  const [meanX, meanY] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / n);
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
