// Feedback: ticks and ranks are made in the page, remembered there, and sent with Done.
window.SG = window.SG || {};
Object.assign(window.SG, {
  stage() { return document.querySelector('#rate-stage .sg-rate'); },
  // order: items in the order in which they were pressed; none: those that do not apply
  // Gradio may turn the node of one question into that of the next, so they go by what it is about
  marks(stage) {
    if (stage.about !== stage.dataset.kept) {
      stage.about = stage.dataset.kept;
      stage.marks = null;
      try { stage.marks = JSON.parse(sessionStorage.getItem('sg.rate.' + stage.dataset.kept)); } catch { /* made anew */ }
      stage.marks = stage.marks || { order: [], none: [] };
    }
    return stage.marks;
  },
  items(stage) { return [...stage.querySelectorAll('[data-item]')]; },
  whole(stage) {
    const { order, none } = SG.marks(stage);
    return stage.dataset.shape !== 'ranking' || order.length + none.length === SG.items(stage).length;
  },
  draw(stage) {
    const { order, none } = SG.marks(stage);
    for (const item of SG.items(stage)) {
      const place = order.indexOf(+item.dataset.item), out = none.includes(+item.dataset.item);
      item.setAttribute('aria-pressed', place >= 0);
      item.classList.toggle('out', out);
      const rank = item.querySelector('.rank');
      if (rank) rank.textContent = out ? '✕' : place >= 0 ? place + 1 : '';
    }
    document.getElementById('rate-done')?.classList.toggle('waits', !SG.whole(stage));
  },
  keep(stage) {
    try { sessionStorage.setItem('sg.rate.' + stage.dataset.kept, JSON.stringify(stage.marks)); } catch { /* full or forbidden */ }
    SG.draw(stage);
  },
  press(number) {
    const stage = SG.stage();
    if (!stage || document.getElementById('rate-done')?.disabled || !SG.items(stage)[number]) return false;
    const marks = SG.marks(stage), drop = list => list.filter(n => n !== number);
    if (marks.order.includes(number)) marks.order = drop(marks.order);
    else { marks.none = drop(marks.none); marks.order.push(number); }
    SG.keep(stage);
    return true;
  },
  rest() {
    const stage = SG.stage();
    if (!stage || stage.dataset.shape !== 'ranking') return;
    const marks = SG.marks(stage);
    marks.none = SG.items(stage).map((_, n) => n).filter(n => !marks.order.includes(n));
    SG.keep(stage);
  },
  // true: there was something in the page to take back
  back() {
    const stage = SG.stage(), marks = stage && SG.marks(stage);
    if (!marks || stage.dataset.shape === 'yes' || !(marks.order.length + marks.none.length)) return false;
    if (marks.none.length) marks.none = []; else marks.order.pop();
    SG.keep(stage);
    return true;
  },
  // question and answer as JSON; said is null while something is missing
  said() {
    const stage = SG.stage();
    if (!stage) return '';
    const { order, none } = SG.marks(stage), names = JSON.parse(stage.dataset.pictures);
    const said = {};
    for (const item of SG.items(stage)) {
      const n = +item.dataset.item;
      if (stage.dataset.shape === 'ranking') said[names[n]] = none.includes(n) ? null : order.indexOf(n) + 1;
      else said[n] = order.includes(n);
    }
    return JSON.stringify({ question: stage.closest('[data-seen]').dataset.seen, said: SG.whole(stage) ? said : null });
  },
});
document.addEventListener('click', event => {
  const item = event.target.closest('#rate-stage [data-item]');
  if (item) {
    SG.press(SG.items(SG.stage()).indexOf(item));
    if (event.detail) item.blur(); // a mouse: Enter then means Done, not this picture again
  }
  if (event.target.closest('#rate-undo') && SG.back()) { event.stopImmediatePropagation(); event.preventDefault(); }
}, true);
new MutationObserver(() => {
  const stage = SG.stage();
  if (stage && stage.about !== stage.dataset.kept) SG.draw(stage);
}).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-kept'] });
