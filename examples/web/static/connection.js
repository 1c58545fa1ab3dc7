// One websocket to the server, made again whenever it is lost.

const WAITS = [500, 1000, 2000, 4000]; // milliseconds before the first attempts; the last one for all that follow

export class Connection {
  // `on` has the functions line (a line of the trace), audio (PCM) and state ("connecting", "ready", "lost").
  constructor(on) {
    this.on = on;
    this.attempts = 0;
    this.open();
  }

  open() {
    const address = new URL("/live", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => {
      this.attempts = 0;
      this.on.state("ready");
    };
    this.socket.onmessage = ({ data }) => (typeof data === "string" ? this.on.line(JSON.parse(data)) : this.on.audio(data));
    this.socket.onclose = () => {
      this.on.state("lost");
      setTimeout(() => this.open(), WAITS[Math.min(this.attempts, WAITS.length - 1)]);
      this.attempts += 1;
    };
  }

  get ready() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  // Send an order or PCM; what cannot be sent now is of no use later.
  send(what) {
    if (this.ready) this.socket.send(what instanceof ArrayBuffer ? what : JSON.stringify(what));
  }
}
