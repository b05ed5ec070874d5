// Starts the chat page.
import { mount } from "svelte";
import App from "./App.svelte";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/conversation.css";
import "./styles/emergency.css";
import "./styles/frame.css";
import "./styles/conversations.css";
import "./styles/composer.css";
import "./styles/medical.css";

mount(App, { target: document.getElementById("app")! });
