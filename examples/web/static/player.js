// Plays PCM as soon as it comes, falls silent on demand, and knows at any time how much of each reply has been heard.
// Without a sound card, or before the browser allows sound, a silent clock takes the place of the AudioContext's.

const RATE = 24000;
const PATIENCE = 300; // milliseconds that a browser may take to start its sound
const MARGIN = 0.03; // seconds in which a chunk gets to the sound card

export class Player {
  constructor() {
    this.context = null;
    this.audible = false;
    this.muted = false;
    this.reset();
  }

  // Begin afresh. Call it in answer to a click: browsers allow sound to nobody else.
  async open() {
    this.flush();
    this.reset();
    try {
      this.context ??= this.prepare(new AudioContext({ sampleRate: RATE }));
      await Promise.race([this.context.resume(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    } catch {
      this.context = null; // no sound in this browser
    }
    this.switchClock();
  }

  prepare(context) {
    this.volume = context.createGain();
    this.volume.connect(context.destination);
    this.volume.gain.value = this.muted ? 0 : 1;
    context.addEventListener("statechange", () => this.switchClock());
    return context;
  }

  mute(muted) {
    this.muted = muted;
    if (this.volume) this.volume.gain.value = muted ? 0 : 1;
  }

  reset() {
    this.chunks = []; // {reply, start, seconds, samples, source}
    this.done = new Map(); // reply -> seconds of its chunks that are over
    this.end = 0;
  }

  // The clock by which chunks start, in seconds.
  get clock() {
    return this.audible ? this.context.currentTime : performance.now() / 1000;
  }

  // The same, by the time that the sound takes to the ear.
  get ear() {
    return this.audible ? this.context.currentTime - (this.context.outputLatency || this.context.baseLatency || 0) : this.clock;
  }

  play(reply, pcm) {
    const whole = new Int16Array(pcm, 0, pcm.byteLength >> 1);
    const samples = Float32Array.from(whole, (sample) => sample / 32768);
    this.schedule(reply, samples);
  }

  schedule(reply, samples) {
    if (!samples.length) return;
    const start = Math.max(this.end, this.clock + (this.audible ? MARGIN : 0));
    const chunk = { reply, start, seconds: samples.length / RATE, samples, source: null };
    if (this.audible) {
      const buffer = this.context.createBuffer(1, samples.length, RATE);
      buffer.copyToChannel(samples, 0);
      chunk.source = new AudioBufferSourceNode(this.context, { buffer });
      chunk.source.connect(this.volume);
      chunk.source.start(start);
    }
    this.end = start + chunk.seconds;
    this.chunks.push(chunk);
  }

  // Fall silent at once. What is on its way to the ear already will still be heard; what comes after it never.
  flush() {
    this.halt(this.clock);
    this.chunks = [];
    this.end = 0;
  }

  // Count what has been played by then, and stop the sound.
  halt(now) {
    for (const { reply, start, seconds, source } of this.chunks) {
      const over = Math.min(seconds, Math.max(0, now - start));
      this.done.set(reply, (this.done.get(reply) ?? 0) + over);
      source?.stop();
    }
  }

  get silent() {
    this.settle();
    return this.chunks.length === 0;
  }

  // The reply that is sounding, or null.
  get sounding() {
    this.settle();
    return this.chunks[0]?.reply ?? null;
  }

  // Seconds of a reply that have been heard.
  played(reply) {
    const now = this.ear;
    let seconds = this.done.get(reply) ?? 0;
    for (const chunk of this.chunks) {
      if (chunk.reply === reply) seconds += Math.min(chunk.seconds, Math.max(0, now - chunk.start));
    }
    return seconds;
  }

  // Chunks that are over leave the queue.
  settle() {
    const now = this.ear;
    while (this.chunks.length && this.chunks[0].start + this.chunks[0].seconds <= now) {
      const { reply, seconds } = this.chunks.shift();
      this.done.set(reply, (this.done.get(reply) ?? 0) + seconds);
    }
  }

  // The sound came or went: what is left is played by the other clock.
  switchClock() {
    const audible = this.context?.state === "running";
    if (audible === this.audible) return;
    const now = this.clock;
    const left = this.chunks;
    this.halt(now);
    this.chunks = [];
    this.audible = audible;
    this.end = 0;
    for (const { reply, start, samples } of left) {
      this.schedule(reply, samples.subarray(Math.round(Math.max(0, now - start) * RATE)));
    }
  }
}
