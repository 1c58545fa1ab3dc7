// What goes up: PCM of 16 kHz in frames of 40 ms, as a microphone gives it: a recording that is said comes first, then
// the microphone if it is on. After that there is silence for a moment, since silence is what ends an utterance.

const RATE = 16000;
const FRAME = 640; // samples
const LAG = 25; // frames of the microphone that may wait: a second
const LONGEST_GAP = 2000; // milliseconds that are made up for
const VOICE = 300; // root mean square, of 32768, from which a frame is a sound
const HANGOVER = 350; // milliseconds for which a sound lasts after its last loud frame
const BEFORE = 6; // frames before a voice is noticed that belong to it
const SILENCE = 40; // frames of silence after the last sound
const HEADER = 44; // bytes of a WAV file before its samples

export class Uplink {
  // `send` is given frames; `onvoice` whether there is a sound, and at its end the samples, if the microphone took it.
  constructor(send, onvoice) {
    this.send = send;
    this.onvoice = onvoice;
    this.recorded = [];
    this.heard = [];
    this.silence = 0; // frames of it that are still to be sent
    this.taken = []; // frames of what is being said into the microphone, or may be its beginning
    this.speaking = false;
    this.loudAt = -Infinity;
    this.level = 0; // of the microphone
    this.timer = null;
    this.recordings = new Map();
  }

  start() {
    this.stop();
    this.due = performance.now();
    this.timer = setInterval(() => this.tick(), 40);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.recorded = [];
    this.heard = [];
    this.speaking = false;
  }

  // Load a recording, so that it can be said at once.
  async load(name, url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    this.recordings.set(name, new Int16Array((await response.arrayBuffer()).slice(HEADER)));
  }

  // Keep what was said into the microphone, and return the name by which it can be said again.
  keep(samples) {
    const name = `said ${this.recordings.size}`;
    this.recordings.set(name, samples);
    return name;
  }

  say(name) {
    const samples = this.recordings.get(name);
    for (let at = 0; samples && at < samples.length; at += FRAME) {
      const frame = new Int16Array(FRAME);
      frame.set(samples.subarray(at, at + FRAME));
      this.recorded.push(frame);
    }
  }

  get saying() {
    return this.recorded.length > 0;
  }

  tick() {
    const now = performance.now();
    if (now - this.due > LONGEST_GAP) this.due = now; // the machine was asleep
    while (this.due <= now) {
      this.due += (1000 * FRAME) / RATE;
      const recorded = this.recorded.shift();
      if (recorded) this.heard = [];
      const sound = recorded ?? this.heard.shift();
      const frame = sound ?? new Int16Array(FRAME);
      this.listen(frame, now, sound && !recorded);
      this.silence = sound ? SILENCE : this.silence - 1;
      if (this.silence >= 0) this.send(frame.buffer);
    }
  }

  listen(frame, now, live) {
    if (live) this.taken.push(frame);
    if (!this.speaking && this.taken.length > BEFORE) this.taken.shift();
    if (loudness(frame) >= VOICE) this.loudAt = now;
    const speaking = now - this.loudAt < HANGOVER;
    if (speaking !== this.speaking) {
      this.speaking = speaking;
      const whole = speaking || this.taken.length <= BEFORE ? null : joined(this.taken.splice(0));
      this.onvoice(speaking, whole);
    }
  }

  // Switch the microphone on; throws what the browser says if it may not, or there is none.
  async open() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("/static/capture.js");
    const capture = new AudioWorkletNode(this.context, "capture", { numberOfOutputs: 0, processorOptions: { rate: RATE, frame: FRAME } });
    capture.port.onmessage = ({ data }) => {
      const frame = new Int16Array(data);
      this.level = loudness(frame);
      this.heard.push(frame);
      if (this.heard.length > LAG) this.heard.shift();
    };
    this.context.createMediaStreamSource(this.stream).connect(capture);
    await this.context.resume();
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.stream = this.context = null;
    this.heard = [];
    this.level = 0;
  }
}

function loudness(frame) {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  return Math.sqrt(sum / frame.length);
}

function joined(frames) {
  const whole = new Int16Array(frames.length * FRAME);
  frames.forEach((frame, index) => whole.set(frame, index * FRAME));
  return whole;
}
