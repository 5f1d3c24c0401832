/** What can be seen and read out of a page: text that stands out from its ground, and controls that have a name. */
import type { Page } from 'playwright-core';

/** Texts whose contrast is below that of WCAG AA, each with its ratio. */
export const faintTexts = (page: Page): Promise<string[]> => page.evaluate<string[]>(`(${findFaint})()`);

/** Written as text: it runs in the browser. */
const findFaint = `() => {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const parts = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (front, back) => [0, 1, 2].map((at) => front[at] * front[3] + back[at] * (1 - front[3])).concat(1);
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint = new Set();
  for (const one of document.querySelectorAll('body *')) {
    const writes = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
    if (!writes || one.getClientRects().length === 0 || one.closest('.unseen')) continue;
    const grounds = [];
    let opacity = 1;
    for (let around = one; around; around = around.parentElement) {
      const style = getComputedStyle(around);
      grounds.unshift(parts(style.backgroundColor));
      opacity *= Number(style.opacity);
    }
    const ground = grounds.reduce((back, front) => over(front, back), [255, 255, 255, 1]);
    const style = getComputedStyle(one);
    const [red, green, blue, alpha] = parts(one.tagName === 'text' ? style.fill : style.color);
    const [light, dark] = [over([red, green, blue, alpha * opacity], ground), ground].map(luminance).sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) faint.add(one.tagName + '.' + one.className + ' ' + one.textContent.slice(0, 30) + ': ' + ratio.toFixed(2));
  }
  return [...faint];
}`;

const CONTROLS = new Set(['button', 'link', 'textbox', 'searchbox', 'combobox', 'spinbutton', 'tab', 'dialog', 'table', 'tabpanel']);

/** Controls that a screen reader would have no name for, of Chromium's own accessibility tree. */
export async function namelessControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    return nodes.flatMap(({ ignored, role, name }) =>
      !ignored && CONTROLS.has(String(role?.value)) && !String(name?.value ?? '').trim() ? [String(role?.value)] : [],
    );
  } finally {
    await session.detach();
  }
}
