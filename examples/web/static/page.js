// The page: buttons, the conversation that they hold, and the one before it for comparison.
import { seconds } from "/timeline/timeline.js";
import { Connection } from "/static/connection.js";
import { Player } from "/static/player.js";
import { Run } from "/static/run.js";
import { Uplink } from "/static/uplink.js";

const BREAK_IN = 5.2; // seconds into the story, where the plan says nothing else: in the second sentence
const REPORT = 100; // milliseconds between two reports of what was played
const PLANS = {
  question: [{ say: "question", reply: 1, at: BREAK_IN }, { say: "go-on", reply: 2, at: "end" }],
};

const $ = (id) => document.getElementById(id);
const player = new Player();
const uplink = new Uplink((frame) => connection.send(frame), voice);
const runs = { true: null, false: null }; // the last run with the library, and without
let run = null;
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
  run.take(found);
  if (found.type === "interrupted") silence(found.reply);
  if (found.type === "interruption" && found.phase === "settled") say(SETTLED[found.outcome] ?? "");
  if (found.type === "ended") end();
}

const SETTLED = {
  noted: "The model was told what you had heard, and answers knowing it.",
  asked: "Nobody spoke, so the model was asked to go on.",
  late: "The next reply was faster than the note.",
};

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
  if (name === "ready" && hello) $("about").textContent = about();
  for (const button of document.querySelectorAll("[data-say], #start, #microphone, [name=library]")) {
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
  const voice = hello.voice === "tones" ? "It speaks in tones; with espeak-ng installed, it speaks words." : "";
  return `The service is this package’s emulator, and the model is scripted: it follows what it has been told, and cannot make out words that you say yourself. ${voice}`;
}

// The conversation

async function start(plan) {
  end();
  await player.open();
  const library = document.querySelector("[name=library]:checked").value === "on";
  run?.freeze(false);
  run = runs[library] = new Run(library, plan, say);
  if (runs[!library]) run.compareWith(runs[!library]);
  $("runs").replaceChildren(...[run, runs[!library]].filter(Boolean).map(({ element }) => element));
  awaited += 1;
  connection.send({ type: "start", library });
  uplink.start();
  if (run.element.getBoundingClientRect().top > innerHeight / 2) run.element.scrollIntoView({ block: "center" });
  say(library ? "The model tells its story; the library is on." : "The model tells its story; the library is off.");
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
    return;
  }
  try {
    if (!navigator.mediaDevices) throw new Error("browsers give it only to localhost and to https pages");
    await uplink.open();
    button.setAttribute("aria-pressed", "true");
    if (!run || run.over) await start([]);
  } catch (error) {
    uplink.close();
    say(`No microphone: ${error.message}. The buttons work without one.`);
  }
}

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
