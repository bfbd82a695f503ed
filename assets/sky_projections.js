// From the sky to a plane and back, as dashboard/sky/projections.py does it: { kind, ra, dec } is a
// projection, "AIT" (Hammer-Aitoff, dec = 0) or "TAN" (gnomonic); all in degrees, x grows eastwards.

const DEG = 180 / Math.PI;

export const AIT_HALF_WIDTH = 2 * Math.SQRT2 * DEG;

// From -180 to 180.
export const around = (deg) => deg - 360 * Math.floor((deg + 180) / 360);

export function project({ kind, ra, dec }, ras, decs) {
  const [x, y] = [new Float64Array(ras.length), new Float64Array(ras.length)];
  const [sin0, cos0] = [Math.sin(dec / DEG), Math.cos(dec / DEG)];
  for (let i = 0; i < ras.length; i += 1) {
    const east = around(ras[i] - ra) / DEG;
    const [sin, cos] = [Math.sin(decs[i] / DEG), Math.cos(decs[i] / DEG)];
    if (kind === "AIT") {
      const stretch = DEG * Math.sqrt(2 / (1 + cos * Math.cos(east / 2)));
      x[i] = 2 * stretch * cos * Math.sin(east / 2);
      y[i] = stretch * sin;
    } else {
      const ahead = sin0 * sin + cos0 * cos * Math.cos(east);
      const depth = ahead > 0 ? ahead / DEG : NaN; // behind: in the other half of the sky
      x[i] = (cos * Math.sin(east)) / depth;
      y[i] = (cos0 * sin - sin0 * cos * Math.cos(east)) / depth;
    }
  }
  return { x, y };
}

// [ra, dec] of a place on the plane; null beside the sky.
export function unproject({ kind, ra, dec }, xDeg, yDeg) {
  const [x, y] = [xDeg / DEG, yDeg / DEG];
  if (kind === "AIT") {
    const z2 = 1 - (x / 4) ** 2 - (y / 2) ** 2;
    if (z2 < 0.5) {
      return null;
    }
    const z = Math.sqrt(z2);
    const east = 2 * Math.atan2((z * x) / 2, 2 * z2 - 1);
    return [(ra + east * DEG + 360) % 360, Math.asin(Math.max(-1, Math.min(1, y * z))) * DEG];
  }
  const [sin0, cos0] = [Math.sin(dec / DEG), Math.cos(dec / DEG)];
  const east = Math.atan2(x, cos0 - y * sin0) * DEG;
  const sin = (sin0 + y * cos0) / Math.hypot(1, x, y);
  return [(ra + east + 360) % 360, Math.asin(Math.max(-1, Math.min(1, sin))) * DEG];
}

// Lines, with NaN between them. Those across the seam of the whole sky are cut there.
export function projectLines(projection, ras, decs) {
  const { x, y } = project(projection, ras, decs);
  if (projection.kind === "AIT") {
    for (let i = 1; i < x.length; i += 1) {
      const [east, before] = [ras[i], ras[i - 1]].map((ra) => around(ra - projection.ra));
      if (Math.abs(east - before) > 180) {
        x[i] = NaN;
        y[i] = NaN;
      }
    }
  }
  return { x, y };
}

// Degrees on the sky between positions and one of them.
export function separations([ra, dec], ras, decs) {
  const [sin0, cos0] = [Math.sin(dec / DEG), Math.cos(dec / DEG)];
  return Float64Array.from(ras, function (one, i) {
    const [east, north] = [(one - ra) / DEG, decs[i] / DEG];
    const cos = Math.cos(north);
    const across = Math.hypot(
      cos * Math.sin(east),
      cos0 * Math.sin(north) - sin0 * cos * Math.cos(east),
    );
    return Math.atan2(across, sin0 * Math.sin(north) + cos0 * cos * Math.cos(east)) * DEG;
  });
}
