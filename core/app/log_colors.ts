/** The colours that colorlog has for levels. */
export const LOG_COLORS: Readonly<Record<string, string>> = {
  DEBUG: "white",
  INFO: "green",
  WARNING: "yellow",
  ERROR: "red",
  CRITICAL: "bold_red",
};

const NAMES = ["black", "red", "green", "yellow", "blue", "purple", "cyan", "white"];
const STYLES: Readonly<Record<string, number>> = { reset: 0, bold: 1, thin: 2 };

/** What a terminal is sent for one of colorlog's names: `red`, `bold`, `bold_red`, `light_red`, `bg_red`; or `undefined`. */
export function escapeCode(name: string): string | undefined {
  if (Object.hasOwn(STYLES, name)) return `\x1b[${STYLES[name]}m`;
  const [, ground, style, light, color] = /^(?:(fg|bg)_)?(?:(bold|thin)_)?(light_)?([a-z]+)$/.exec(name) ??
    [];
  const index = NAMES.indexOf(color ?? "");
  if (index < 0 || (ground === "bg" && (style === "thin" || (style !== undefined && light)))) {
    return undefined;
  }
  // A terminal has no bold background: colorlog makes it the light one.
  const isLight = light !== undefined || (ground === "bg" && style === "bold");
  const code = (isLight ? 90 : 30) + (ground === "bg" ? 10 : 0) + index;
  return style === undefined || ground === "bg" ? `\x1b[${code}m` : `\x1b[${STYLES[style]};${code}m`;
}
