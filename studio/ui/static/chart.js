// Canvas chart; goes into head= as a script. gr.HTML(value=dict, js_on_load="SG.chart(element, () => props.value, watch)").
window.SG = window.SG || {
  tok(el, n) { return getComputedStyle(el).getPropertyValue('--sg-' + n).trim() || n; },
  smooth(ys, k) { // both directions, so the bold line does not lag behind the raw one
    const f = ys.slice(), b = ys.slice();
    for (let i = 1; i < f.length; i++) f[i] = k * f[i - 1] + (1 - k) * f[i];
    for (let i = b.length - 2; i >= 0; i--) b[i] = k * b[i + 1] + (1 - k) * b[i];
    return f.map((v, i) => (v + b[i]) / 2);
  },
  chart(root, get, watch) {
    const box = root.querySelector('.sg-chart'), cv = box.querySelector('canvas'), tip = box.querySelector('.tip');
    const st = JSON.parse(localStorage.getItem('sg.' + (box.dataset.key || '')) || '{"smooth":true,"log":false,"clip":true}');
    let hover = null, geo = null;
    const opts = box.querySelector('.opts');
    if (opts) for (const b of opts.querySelectorAll('button')) {
      const k = b.dataset.k; b.setAttribute('aria-pressed', !!st[k]);
      b.onclick = () => { st[k] = !st[k]; b.setAttribute('aria-pressed', st[k]); localStorage.setItem('sg.' + box.dataset.key, JSON.stringify(st)); draw(); };
    }
    function draw() {
      let d = get(); if (typeof d === 'string') d = JSON.parse(d || 'null');
      const W = box.clientWidth; if (!W) return;
      if (!d) { geo = null; cv.height = 0; cv.style.height = '0'; return; } // never the run that was in view before
      if (opts && d.switches) for (const b of opts.querySelectorAll('button')) b.textContent = d.switches[b.dataset.k];
      const H = d.height || 240, dpr = window.devicePixelRatio || 1, c = cv.getContext('2d');
      cv.width = W * dpr; cv.height = H * dpr; cv.style.height = H + 'px'; c.setTransform(dpr, 0, 0, dpr, 0, 0);
      const T = n => SG.tok(box, n), font = getComputedStyle(box).fontFamily;
      c.font = '600 12px ' + font;
      const named = Math.max(0, ...d.series.map(s => s.label ? c.measureText(s.label.split('|').join(' ')).width : 0));
      const small = W < 420, L = d.left || (d.loglike ? 54 : 44), R = small ? 12 : Math.max(d.right || 112, Math.ceil(named) + 12), P = { t: 14, b: 30 };
      const X0 = d.x.min || 0, X1 = d.x.max; let lo = d.y.min, hi = d.y.max;
      const log = d.loglike && st.log, clip = d.loglike && st.clip;
      if (d.loglike) {
        let v = d.series.flatMap(s => s.ys).filter(x => x > 0).sort((a, b) => a - b);
        hi = clip ? v[Math.floor(v.length * .985)] * 1.08 : v[v.length - 1] * 1.05; lo = log ? v[0] * .8 : 0;
      }
      const sx = x => L + (x - X0) / (X1 - X0) * (W - L - R);
      const ly = v => log ? Math.log(v) : v;
      const sy = v => P.t + (1 - (ly(v) - ly(lo)) / (ly(hi) - ly(lo))) * (H - P.t - P.b);
      c.font = '12px ' + font; c.textBaseline = 'middle';
      // grid: only what helps reading
      let ticks = d.y.ticks;
      if (d.loglike) { const n = 3, s = hi / n, m = Math.pow(10, Math.floor(Math.log10(s))), q = Math.ceil(s / m * 2) / 2 * m; ticks = log ? [lo * 1.6, Math.sqrt(lo * hi), hi * .8] : [0, q, 2 * q].filter(v => v <= hi); }
      c.lineWidth = 1; c.fillStyle = T('text3'); c.textAlign = 'right';
      for (const t of ticks) { const y = Math.round(sy(t)) + .5; c.strokeStyle = T('line'); c.beginPath(); c.moveTo(L, y); c.lineTo(W - R, y); c.stroke(); c.fillText((d.y.fmt === '%' ? t + ' %' : t === 0 ? '0' : (+t.toPrecision(2)).toString()), L - 8, y); }
      c.textAlign = 'center';
      for (const t of d.x.ticks.filter((_, i, a) => !small || i % 2 === 0 || a.length % 2 && i === a.length - 1)) c.fillText((t === X0 && d.x.label ? d.x.label + ' ' : '') + t.toLocaleString('en'), Math.max(L + 14, Math.min(sx(t), W - R - 10)), H - 12);
      if (d.now != null) { // the part not trained yet stays empty, but visible
        c.fillStyle = T('sunken'); c.globalAlpha = .55; c.fillRect(sx(d.now), P.t, W - R - sx(d.now), H - P.t - P.b); c.globalAlpha = 1;
      }
      for (const r of d.refs || []) { const y = sy(r.y); c.setLineDash([4, 4]); c.strokeStyle = T(r.color || 'text3'); c.globalAlpha = .8; c.beginPath(); c.moveTo(L, y); c.lineTo(W - R, y); c.stroke(); c.setLineDash([]); c.globalAlpha = 1; }
      const ends = [];
      for (const s of d.series) {
        const col = T(s.color); let ys = s.ys;
        if (s.lo) { c.fillStyle = col; c.globalAlpha = .13; c.beginPath(); s.xs.forEach((x, i) => c[i ? 'lineTo' : 'moveTo'](sx(x), sy(s.hi[i]))); for (let i = s.xs.length - 1; i >= 0; i--) c.lineTo(sx(s.xs[i]), sy(s.lo[i])); c.fill(); c.globalAlpha = 1; }
        c.save(); c.beginPath(); c.rect(L, P.t - 4, W - L - R + 6, H - P.t - P.b + 8); c.clip();
        const path = (arr) => { c.beginPath(); s.xs.forEach((x, i) => c[i ? 'lineTo' : 'moveTo'](sx(x), sy(Math.max(arr[i], log ? lo : -1e9)))); c.stroke(); };
        c.strokeStyle = col; c.lineJoin = 'round';
        if (s.raw) { c.globalAlpha = st.smooth ? .28 : .8; c.lineWidth = 1; path(ys); c.globalAlpha = 1; if (st.smooth) ys = SG.smooth(ys, .9); }
        if (!s.raw || st.smooth) { c.lineWidth = s.width || 2; if (s.dash) c.setLineDash(s.dash); path(ys); c.setLineDash([]); }
        c.restore();
        if (s.dots) s.xs.forEach((x, i) => { c.beginPath(); c.arc(sx(x), sy(ys[i]), 3.2, 0, 7); c.fillStyle = s.hollow ? T('card') : col; c.fill(); c.lineWidth = 1.5; c.strokeStyle = col; c.stroke(); });
        if (s.label) ends.push({ y: sy(ys[ys.length - 1]), t: s.label, col, x: sx(s.xs[s.xs.length - 1]) });
      }
      for (const r of d.refs || []) if (r.label && !small) ends.push({ y: sy(r.y), t: r.label, col: T('text3'), light: 1 });
      ends.sort((a, b) => a.y - b.y); for (let i = 1; i < ends.length; i++) if (ends[i].y - ends[i - 1].y < 17 && !(Math.abs((ends[i].x || W) - (ends[i - 1].x || W)) > 140 && d.above)) ends[i].y = ends[i - 1].y + 17;
      c.textAlign = 'left';
      for (const e of ends) { c.fillStyle = e.col; c.font = (e.light ? '' : '600 ') + '12px ' + font; const t = e.t.split('|'); const w = c.measureText(t.join(' ')).width, inside = !e.light && e.x < W - R - w - 14; let x = inside ? e.x + (d.above ? 4 : 10) : W - R + 8, y = e.y - (inside && d.above ? 16 : 0); if (small && !inside) { x = W - R - w - 2; y += y < P.t + 60 ? 18 : -14; } c.lineWidth = 4; c.lineJoin = 'round'; c.strokeStyle = T('card'); if (small || inside) c.strokeText(t.join(' '), x, y); c.fillText(t[0], x, y); if (t[1]) { const w0 = c.measureText(t[0] + ' ').width; c.font = '12px ' + font; c.fillText(t[1], x + w0, y); } }
      if (hover != null) { const x = sx(hover); c.strokeStyle = T('edge'); c.lineWidth = 1; c.beginPath(); c.moveTo(x, P.t); c.lineTo(x, H - P.b); c.stroke(); }
      geo = { sx, L, R, W, X0, X1, d };
    }
    box.onmousemove = e => {
      if (!geo) return; const r = cv.getBoundingClientRect(), px = e.clientX - r.left;
      const s0 = geo.d.series[0]; let k = 0, best = 1e9; s0.xs.forEach((x, i) => { const q = Math.abs(geo.sx(x) - px); if (q < best) { best = q; k = i; } });
      hover = s0.xs[k]; draw();
      const esc = t => String(t).replace(/[&<>]/g, c => '&#' + c.charCodeAt(0) + ';'); // names come from people
      tip.innerHTML = '<b>step ' + hover + '</b><br>' + geo.d.series.filter(s => s.xs[k] === hover).map(s => esc((s.name || s.label || '').split('|')[0]) + ' ' + (geo.d.y.fmt === '%' ? s.ys[k].toFixed(1) + ' %' + (s.lo ? ' (' + s.lo[k].toFixed(1) + '–' + s.hi[k].toFixed(1) + ')' : '') : s.ys[k].toPrecision(3))).join('<br>');
      tip.style.display = 'block'; const x = geo.sx(hover); tip.style.left = Math.min(x + 12, geo.W - tip.offsetWidth - 4) + 'px'; tip.style.top = '18px';
    };
    box.onmouseleave = () => { hover = null; tip.style.display = 'none'; draw(); };
    new ResizeObserver(draw).observe(box);
    new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ['class'] });
    if (document.fonts) document.fonts.ready.then(draw);
    watch('value', draw); draw();
  }
};
