// Melodies are heard: each note is an oscillator with the partials of the project's own synthesiser (sound.py).

const PARTIALS = [0, 1, 0.45, 0.22, 0.12, 0.07, 0.04], ATTACK = 0.012, RELEASE = 0.04, DECAY = 0.9, LEVEL = 0.3;

// The notes from a place on, with onset and duration in seconds.
function notesOf(melody, tempo, from = 0) {
  const seconds = 60 / tempo;
  return melody.events
    .filter((event) => event.pitch !== null && event.onset >= from - 1e-9)
    .map(({ pitch, onset, quarters }) => ({ pitch, onset: (onset - from) * seconds, duration: quarters * seconds }));
}

// Let an audio context play notes from a time on; returns the gain through which they all go.
function schedule(context, notes, at, loudness) {
  const master = new GainNode(context, { gain: loudness });
  const wave = new PeriodicWave(context, { imag: PARTIALS });
  master.connect(context.destination);
  for (const note of notes) {
    const start = at + note.onset, stop = start + note.duration;
    const up = Math.min(ATTACK, note.duration / 2), down = Math.min(RELEASE, note.duration / 2);
    const tone = new OscillatorNode(context, {
      type: "custom", periodicWave: wave, frequency: 440 * 2 ** ((note.pitch - 69) / 12),
    });
    const envelope = new GainNode(context, { gain: 0 });
    envelope.gain.setValueAtTime(0, start);
    envelope.gain.linearRampToValueAtTime(LEVEL, start + up);
    envelope.gain.exponentialRampToValueAtTime(LEVEL * Math.exp((up + down - note.duration) / DECAY), stop - down);
    envelope.gain.linearRampToValueAtTime(0, stop);
    tone.connect(envelope).connect(master);
    tone.start(start);
    tone.stop(stop);
  }
  return master;
}

class Player {
  static context = null; // one for all, made when a key or button is first pressed, as browsers ask
  static playing = null;

  constructor(article, number) {
    this.article = article;
    this.melody = JSON.parse(article.dataset.melody);
    this.roll = article.querySelector(".roll");
    this.bars = drawRoll(this.roll, this.melody, number);
    this.cursor = this.roll.appendChild(Object.assign(document.createElement("div"), { className: "cursor", hidden: true }));
    this.texts = article.querySelectorAll(".tokens span");
    this.button = article.querySelector(".play");
    this.tempo = article.querySelector(".tempo");
    this.loudness = article.querySelector(".loudness");
    this.place = 0; // in quarter notes
    this.button.onclick = () => (this.master ? this.pause() : this.play());
    this.tempo.oninput = () => this.restart(() => (this.tempo.nextElementSibling.value = this.tempo.value));
    this.loudness.oninput = () => this.master && (this.master.gain.value = this.loudness.value / 100);
    this.roll.onclick = (event) => this.restart(() => this.show(this.placeAt(event)));
    this.roll.onkeydown = (event) => this.key(event);
  }

  play() {
    Player.playing?.pause();
    Player.playing = this;
    const context = (Player.context ??= new AudioContext());
    context.resume();
    this.begin = context.currentTime + 0.1;
    this.from = this.place;
    this.master = schedule(context, notesOf(this.melody, this.tempo.value, this.from), this.begin, this.loudness.value / 100);
    this.button.textContent = "❚❚ Pause";
    this.follow();
  }

  pause() {
    this.master.disconnect(); // which silences all that is still to come
    this.master = Player.playing = null;
    this.button.textContent = "▶ Play";
  }

  restart(change) {
    const playing = this.master;
    if (playing) this.pause();
    change();
    if (playing) this.play();
  }

  follow() {
    if (!this.master) return;
    const seconds = Math.max(0, Player.context.currentTime - this.begin);
    this.show(this.from + (seconds * this.tempo.value) / 60);
    if (this.place < this.melody.length) return requestAnimationFrame(() => this.follow());
    this.pause();
    this.show(0);
  }

  // Bring the cursor to a place, and mark the note and the tokens that sound there.
  show(place) {
    this.place = place;
    const bar = this.bars.findLast((bar) => bar.start <= place), here = this.roll.getBoundingClientRect();
    const { left, top, height } = bar.picture.getBoundingClientRect();
    const x = left - here.left + this.roll.scrollLeft + (place - bar.start) * QUARTER;
    Object.assign(this.cursor.style, { left: `${x}px`, top: `${top - here.top}px`, height: `${height}px` });
    this.cursor.hidden = place === 0;
    const now = this.melody.events.findLastIndex((event) => event.onset <= place + 1e-9);
    this.texts.forEach((text, n) => text.classList.toggle("now", n === now && place > 0));
  }

  placeAt(event) {
    const bar = this.bars.find(({ picture }) => picture.contains(event.target));
    if (!bar) return 0;
    return bar.start + (event.clientX - bar.picture.getBoundingClientRect().left) / QUARTER;
  }

  // Space plays and pauses, the arrows go from bar to bar, Home to the beginning.
  key(event) {
    const bar = this.bars.findLastIndex(({ start }) => start <= this.place + 1e-9);
    const jumps = { ArrowLeft: bar - 1, ArrowRight: bar + 1, Home: 0 };
    if (event.key === " ") this.button.click();
    else if (event.key in jumps) {
      const target = this.bars[Math.max(0, Math.min(this.bars.length - 1, jumps[event.key]))];
      this.restart(() => this.show(target.start));
    } else return;
    event.preventDefault();
  }
}

const players = [...document.querySelectorAll(".melody")].map((article, number) => new Player(article, number));
