/* What is wrong with the layout of the page as it is shown now, a line for each fault. */
(onPaper) => {
  const faults = new Set();
  const shown = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
  const unread = "script, style, noscript, option, textarea, svg, .visually-hidden";
  const words = [];

  const isInline = (style) => style.display === "inline" || style.display === "contents";
  const isClipped = (style) => style.clipPath === "inset(50%)" || style.position === "fixed";
  /* Paper does not scroll. */
  const hides = (overflow) => ["hidden", "clip"].includes(overflow) || (onPaper && overflow !== "visible");

  const scrolls = (style) => !onPaper && ["auto", "scroll"].includes(style.overflowX);
  const isScrolledAway = (rect, scrollers) => scrollers.some((each) => rect.right > each.right + 1 || rect.left < each.left - 1);

  /* The boxes that the text in an element must stay in; null where no one sees the text. */
  const boxes = new Map();
  const findBoxes = (host) => {
    if (boxes.has(host)) return boxes.get(host);
    const found = { frames: [], scrollers: [], block: null, floats: false };
    boxes.set(host, found);
    for (let each = host; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (isClipped(style)) {
        boxes.set(host, null);
        return null;
      }
      if (["sticky", "absolute"].includes(style.position)) found.floats = true;
      if (scrolls(style) || style.textOverflow === "ellipsis") found.scrollers.push(each.getBoundingClientRect());
      if (hides(style.overflowX) && style.textOverflow !== "ellipsis") found.frames.push(each.getBoundingClientRect());
      if (!found.block && !isInline(style)) {
        const isOpen = scrolls(style) || style.textOverflow === "ellipsis";
        found.block = isOpen ? { left: -Infinity, right: Infinity } : each.getBoundingClientRect();
      }
    }
    return found;
  };

  const measure = (node, start, end) => {
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end);
    return [...range.getClientRects()].filter((each) => each.width > 0);
  };
  const areOnOneLine = (rects) => Math.max(...rects.map((r) => r.top)) < Math.min(...rects.map((r) => r.bottom));

  /* Addresses and IDs may break where they must; a word of letters and digits may not. */
  const checkBreaks = (node, token) => {
    if (token[0].includes("@") || token[0].includes("/") || token[0].length > 30) return;
    for (const run of token[0].matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
      const start = token.index + run.index;
      const rects = measure(node, start, start + run[0].length);
      if (rects.length > 1 && !areOnOneLine(rects)) faults.add(`“${run[0]}” is broken inside`);
    }
  };

  const checkPlace = (token, rects, around) => {
    for (const rect of rects) {
      if (around.block && (rect.left < around.block.left - 1 || rect.right > around.block.right + 1))
        faults.add(`“${token}” stands outside of its box`);
      for (const frame of around.frames)
        if (rect.left < frame.left - 1 || rect.right > frame.right + 1 || rect.top < frame.top - 3 || rect.bottom > frame.bottom + 3)
          faults.add(`“${token}” is cut off`);
    }
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const host = node.parentElement;
    if (!node.data.trim() || host.closest(unread) || !host.checkVisibility(shown)) continue;
    const around = findBoxes(host);
    if (!around) continue;
    for (const token of node.data.matchAll(/\S+/g)) {
      const rects = measure(node, token.index, token.index + token[0].length);
      if (!rects.length) continue;
      checkBreaks(node, token);
      checkPlace(token[0], rects, around);
      const cell = host.closest("td, th");
      for (const rect of rects)
        if (!isScrolledAway(rect, around.scrollers)) words.push({ token, rect, cell, floats: around.floats });
    }
  }

  const atOnce = (a, b) => a.rect.top < b.rect.bottom - 2 && b.rect.top < a.rect.bottom - 2;
  words.sort((a, b) => a.rect.top - b.rect.top);
  words.forEach((one, index) => {
    for (let next = index + 1; next < words.length && words[next].rect.top < one.rect.bottom; next += 1) {
      const other = words[next];
      if (one.token === other.token || one.floats !== other.floats || !atOnce(one, other)) continue;
      const [left, right] = one.rect.left <= other.rect.left ? [one, other] : [other, one];
      const gap = right.rect.left - left.rect.right;
      const areNeighbours = one.cell && other.cell && one.cell !== other.cell;
      if (gap < (areNeighbours ? 6 : -2)) faults.add(`“${left.token[0]}” runs into “${right.token[0]}”`);
    }
  });

  const pen = document.createElement("canvas").getContext("2d");
  for (const select of document.querySelectorAll("select:not([multiple])")) {
    if (!select.checkVisibility(shown) || !select.selectedOptions.length || !findBoxes(select)) continue;
    const style = getComputedStyle(select);
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (pen.measureText(select.selectedOptions[0].label).width > room + 1)
      faults.add(`the list “${select.name}” cuts off “${select.selectedOptions[0].label}”`);
  }

  const page = document.scrollingElement;
  if (page.scrollWidth > page.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > page.clientWidth + 1);
    const name = wide.length ? `${wide[0].tagName.toLowerCase()}.${wide[0].className}` : "something";
    faults.add(`the page is ${page.scrollWidth} px wide: ${name}`);
  }
  return [...faults];
}
