// The page: buttons, the conversation that they hold, and the same without the library or with it for comparison.
import { seconds } from "/timeline/timeline.js";
import { Connection } from "/static/connection.js";
import { Player } from "/static/player.js";
import { Run } from "/static/run.js";
import { Uplink } from "/static/uplink.js";

// Seconds into the story, where the plan says nothing else: in the second sentence, and once all of it has been sent.
const BREAK_IN = 6;
const REPORT = 100; // milliseconds between two reports of what was played
const PLANS = {
  question: [{ say: "question", reply: 1, at: BREAK_IN }, { say: "go-on", reply: 2, at: "end" }],
};

const $ = (id) => document.getElementById(id);
const player = new Player();
const uplink = new Uplink((frame) => connection.send(frame), voice);
const runs = { true: null, false: null }; // the last run with the library, and without
const [blank] = [...$("runs").children].slice(-1); // stands for a run with the library that is still to come
let run = null;
let comparing = false; // whether both runs are held, one after the other
let playing = 0; // the reply that the next PCM belongs to
let awaited = 0; // conversations that were asked for, and have not begun
let spokenAt = null; // where in the conversation the user began to speak
let hello = null;

const connection = new Connection({ line, audio, state });
state("connecting");

// What comes from the server

function line(found) {
  if (found.type === "hello") {
    hello = found;
    state("ready");
    return;
  }
  if (found.type === "trace") awaited -= 1;
  if (!listening()) return;
  if (found.type === "audio") playing = found.reply;
  const before = run.conversation.current;
  run.take(found);
  if (found.type === "text" && before && run.conversation.current !== before) speaksAgain();
  if (found.type === "interrupted") silence(found.reply);
  if (found.type === "interruption" && found.phase === "settled") say(SETTLED[found.outcome] ?? "");
  if (found.type === "ended") end();
}

const SETTLED = {
  noted: "The model was told what you had heard.",
  asked: "Nobody spoke, so the model was asked to go on.",
  late: "The next reply was faster than the note.",
};

// Without the library, it knows no more than it did when it was cut off.
function speaksAgain() {
  const cut = run.conversation.cuts.at(-1);
  if (cut && !run.library) say(`The model speaks again. As far as it knows, you heard all ${seconds(cut.received)} of what it had sent.`);
}

function audio(pcm) {
  if (listening()) player.play(playing, pcm);
}

// Whether what comes belongs to the present run.
function listening() {
  return run !== null && run.frozen === null && awaited === 0;
}

function state(name) {
  const words = {
    connecting: "Connecting …",
    ready: hello ? capital(hello.service) : "Connected",
    lost: "The server is gone. Reconnecting …",
  };
  if (name === "lost") awaited = 0;
  $("connection").dataset.state = name;
  $("connection").textContent = words[name];
  if (name === "ready" && hello) {
    $("about").textContent = about();
    $("voice").textContent = hello.voice === "tones" ? TONES : "";
  }
  for (const button of document.querySelectorAll("[data-say], #both, #start, #microphone, [name=library]")) {
    button.disabled = name !== "ready";
  }
  if (name === "lost" && run && run.frozen === null) {
    end();
    run.freeze(true);
    say("The server went away. As soon as it is back, you can begin again.");
  }
}

function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}

function about() {
  if (!hello.service.startsWith("emulator")) return `You are talking to ${hello.service}, with your key.`;
  return "The service is this package’s emulator, and the model is scripted: it follows what it has been told, and cannot make out words that you say yourself.";
}

const TONES = "The model’s words sound as tones here. It speaks them where espeak-ng is installed beside the server.";

// The conversation

async function start(plan, library = chosen(), both = false) {
  end();
  comparing = both;
  await player.open();
  run?.freeze(false);
  run = runs[library] = new Run(library, plan, { right: say, over }, { open: !both });
  if (runs[!library]) run.compareWith(runs[!library]);
  $("runs").replaceChildren(...[runs.false, runs.true ?? (both && blank)].filter(Boolean).map((shown) => shown.element ?? shown));
  awaited += 1;
  connection.send({ type: "start", library });
  uplink.start();
  bringIntoView();
  say(library ? "The library is on. The model tells its story." : "The library is off. The model tells its story.");
}

function chosen() {
  return document.querySelector("[name=library]:checked").value === "on";
}

// The question without the library; what follows is in `over`.
function compare() {
  runs.true = runs.false = null;
  return start(PLANS.question, false, true);
}

function bringIntoView() {
  const { top, bottom } = run.element.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) $("status").scrollIntoView({ block: "start" });
  if (run.element.getBoundingClientRect().bottom > innerHeight) run.element.scrollIntoView({ block: "start" });
}

// Nobody speaks any more.
function over() {
  if (comparing && !run.library && run.conversation.ended === null) start([...run.said], true, true);
  else if (comparing && runs.true?.final) say(difference());
}

function difference() {
  const [without, having] = [runs.false, runs.true].map(({ conversation }) => conversation.missed());
  const words = without === 1 ? "word" : "words";
  return `Never heard, and not said again: ${without} ${words} without the library, ${having || "none"} with it.`;
}

// Nothing of the present run is to be heard any more.
function end() {
  player.flush();
  uplink.stop();
}

function silence(reply) {
  player.flush();
  report(reply);
  const cut = run.conversation.cuts.at(-1);
  if (!cut || cut.reply.number !== reply) return;
  const told = run.library ? "" : " The model is told nothing.";
  say(`Interrupted: ${seconds(player.played(reply))} heard of ${seconds(cut.received)} received.${told}`);
}

function report(reply) {
  connection.send({ type: "played", reply, seconds: player.played(reply) });
}

function voice(speaking, samples) {
  connection.send({ type: "voice", speaking });
  if (speaking) spokenAt = run.place(player);
  if (samples) run.said.push({ say: uplink.keep(samples), ...spokenAt });
}

// Say a recording, where the conversation is or as the plan has it.
function utter(name, place = run.place(player)) {
  run.said.push({ say: name, reply: place.reply, at: place.at });
  uplink.say(name);
}

// The user

function say(words) {
  if (words) $("status").textContent = words;
}

function press(name) {
  const speaking = run && run.frozen === null && !run.over;
  if (speaking || (run && run.frozen === null && name === "go-on")) utter(name);
  else start(PLANS[name] ?? [{ say: name, reply: 1, at: BREAK_IN }]);
}

async function toggleMicrophone() {
  const button = $("microphone");
  if (uplink.stream) {
    uplink.close();
    button.setAttribute("aria-pressed", "false");
    say("The microphone is off.");
    return;
  }
  try {
    if (!navigator.mediaDevices) throw new Error("browsers give it only to localhost and to https pages");
    await uplink.open();
    button.setAttribute("aria-pressed", "true");
    say(run && !run.over ? "The microphone is on." : "The microphone is on. Have the story told, and talk over it.");
  } catch (error) {
    uplink.close();
    say(`No microphone: ${error.message}. The buttons work without one.`);
  }
}

$("both").addEventListener("click", compare);
$("start").addEventListener("click", () => start([]));
$("microphone").addEventListener("click", toggleMicrophone);
$("sound").addEventListener("click", () => {
  player.mute(!player.muted);
  $("sound").textContent = player.muted ? "Unmute" : "Mute";
});
for (const button of document.querySelectorAll("[data-say]")) {
  uplink.load(button.dataset.say, `/sounds/${button.dataset.say}.wav`);
  button.addEventListener("click", () => press(button.dataset.say));
}
for (const input of document.querySelectorAll("[name=library]")) {
  input.addEventListener("change", () => run && start([...run.said, ...run.plan]));
}

setInterval(() => {
  if (!run || run.frozen !== null) return;
  const sounding = player.sounding;
  if (sounding !== null) report(sounding);
  const next = run.due(player, uplink);
  if (next) utter(next.say, next);
}, REPORT);

function draw() {
  if (run) run.draw();
  if (uplink.stream) $("microphone").style.setProperty("--level", Math.min(1, uplink.level / 4000).toFixed(2));
  requestAnimationFrame(draw);
}
requestAnimationFrame(draw);
