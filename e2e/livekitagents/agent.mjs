// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// An agent of LiveKit Agents, as its documentation sets one up with an OTLP exporter of its own. It answers in each
// room of LIVEKIT_URL, with the speech-to-text, language model and text-to-speech at OPENAI_BASE_URL.

import { fileURLToPath } from 'node:url';
import { ServerOptions, cli, defineAgent, telemetry, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import * as silero from '@livekit/agents-plugin-silero';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const baseURL = process.env.OPENAI_BASE_URL;
const apiKey = process.env.OPENAI_API_KEY;

export default defineAgent({
  prewarm: async (proc) => {
    proc.userData.vad = await silero.VAD.load();
  },
  entry: async (ctx) => {
    const exporter = new OTLPTraceExporter({ url: `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces` });
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'livekit-agents' }),
      spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 200 })],
    });
    provider.register();
    telemetry.setTracerProvider(provider);
    ctx.addShutdownCallback(() => provider.forceFlush());
    await ctx.connect();
    const session = new voice.AgentSession({
      vad: ctx.proc.userData.vad,
      stt: new openai.STT({ apiKey, baseURL, model: 'whisper-1', useRealtime: false, language: 'en' }),
      llm: new openai.LLM({ apiKey, baseURL, model: 'gpt-4o' }),
      tts: new openai.TTS({ apiKey, baseURL, model: 'tts-1', voice: 'alloy' }),
      turnHandling: {
        turnDetection: 'vad',
        interruption: { mode: 'vad' },
        preemptiveGeneration: { enabled: false },
      },
      aecWarmupDuration: 0,
    });
    const agent = new voice.Agent({ instructions: 'You are the concierge of a restaurant.' });
    await session.start({ agent, room: ctx.room, record: false });
  },
});

cli.runApp(
  new ServerOptions({
    agent: fileURLToPath(import.meta.url),
    numIdleProcesses: 1,
    host: '127.0.0.1',
    port: Number(process.env.HEALTH_PORT),
    wsURL: process.env.LIVEKIT_URL,
    apiKey: process.env.LIVEKIT_API_KEY,
    apiSecret: process.env.LIVEKIT_API_SECRET,
    loadFunc: async () => 0,
    initializeProcessTimeout: 60_000,
  }),
);
