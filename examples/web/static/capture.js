// Runs where the browser handles sound: brings the microphone's samples to 16 kHz, and hands them on in frames.

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate, frame } }) {
    super();
    this.step = sampleRate / rate; // samples of the device for one of ours
    this.frame = new Int16Array(frame);
    this.filled = 0;
    this.sum = 0; // of the device's samples since ours began
    this.weight = 0;
  }

  process([input]) {
    const channel = input[0];
    if (!channel) return true;
    for (const sample of channel) {
      // Each of our samples is the mean of the device's that fall into it, the last of them in part.
      const part = Math.min(1, this.step - this.weight);
      this.sum += sample * part;
      this.weight += part;
      if (this.weight < this.step - 1e-9) continue;
      this.put(this.sum / this.step);
      this.sum = sample * (1 - part);
      this.weight = 1 - part;
    }
    return true;
  }

  put(sample) {
    this.frame[this.filled] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
    this.filled += 1;
    if (this.filled < this.frame.length) return;
    this.filled = 0;
    const full = this.frame.slice().buffer;
    this.port.postMessage(full, [full]);
  }
}

registerProcessor("capture", Capture);
