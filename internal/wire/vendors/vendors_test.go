// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
)

// The content types of requests.
const (
	asJSON = "Content-Type: application/json"
	asForm = "Content-Type: multipart/form-data; boundary=b"
	asWAV  = "Content-Type: audio/wav"
	asSSML = "Content-Type: application/ssml+xml"
	asText = "Content-Type: text/plain"
)

// targetOf returns the target of a request. Headers are lines, "Name: value".
func targetOf(method, rawURL string, headers ...string) *wire.Target {
	u, err := url.Parse(rawURL)
	if err != nil {
		panic(err)
	}
	h := http.Header{}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Set(name, value)
	}
	return &wire.Target{Method: method, Host: u.Hostname(), Port: u.Port(), Path: u.Path, Query: u.Query(), Header: h}
}

// calls are requests to models.
var calls = []struct {
	url      string
	headers  []string
	provider string
	protocol protocols
}{
	// Known hosts.
	{"https://api.openai.com/v1/chat/completions", []string{asJSON}, "openai", openAI},
	{"https://api.openai.com/v1/chat/completions", nil, "openai", openAI},
	{"https://api.openai.com/v1/chat/completions/", []string{asJSON}, "openai", openAI},
	{"https://api.openai.com/v1/completions", []string{asJSON}, "openai", openAI},
	{"https://api.openai.com/v1/responses", []string{asJSON}, "openai", openAI},
	{"https://api.openai.com/v1/audio/transcriptions", []string{asForm}, "openai", openAI},
	{"https://api.openai.com/v1/audio/translations", []string{asForm}, "openai", openAI},
	{"https://api.openai.com/v1/audio/speech", []string{asJSON}, "openai", openAI},
	{"https://eu.api.openai.com/v1/chat/completions", []string{asJSON}, "openai", openAI},
	{"https://voice.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", []string{asJSON}, "azure.ai.openai", openAI},
	{"https://voice.openai.azure.com/openai/v1/responses", []string{asJSON}, "azure.ai.openai", openAI},
	{"https://voice.openai.azure.com/openai/deployments/whisper/audio/transcriptions?api-version=2024-10-21", []string{asForm}, "azure.ai.openai", openAI},
	{"https://voice.openai.azure.us/openai/deployments/tts/audio/speech?api-version=2024-10-21", []string{asJSON}, "azure.ai.openai", openAI},
	{"https://voice.cognitiveservices.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", []string{asJSON}, "azure.ai.openai", openAI},
	{"https://voice.services.ai.azure.com/openai/v1/chat/completions", []string{asJSON}, "azure.ai.openai", openAI},
	{"https://voice.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview", []string{asJSON}, "azure.ai.inference", openAI},
	{"https://voice.services.ai.azure.com/anthropic/v1/messages", []string{asJSON}, "azure.ai.inference", anthropicMessages},
	{"https://phi.eastus2.models.ai.azure.com/v1/chat/completions", []string{asJSON}, "azure.ai.inference", openAI},
	{"https://api.groq.com/openai/v1/chat/completions", []string{asJSON}, "groq", openAI},
	{"https://api.groq.com/openai/v1/responses", []string{asJSON}, "groq", openAI},
	{"https://api.groq.com/openai/v1/audio/transcriptions", []string{asForm}, "groq", openAI},
	{"https://api.groq.com/openai/v1/audio/speech", []string{asJSON}, "groq", openAI},
	{"https://api.together.xyz/v1/chat/completions", []string{asJSON}, "together", openAI},
	{"https://api.together.ai/v1/audio/speech", []string{asJSON}, "together", openAI},
	{"https://api.fireworks.ai/inference/v1/chat/completions", []string{asJSON}, "fireworks", openAI},
	{"https://audio-prod.us-virginia-1.direct.fireworks.ai/v1/audio/transcriptions", []string{asForm}, "fireworks", openAI},
	{"https://api.deepseek.com/chat/completions", []string{asJSON}, "deepseek", openAI},
	{"https://api.deepseek.com/anthropic/v1/messages", []string{asJSON}, "deepseek", anthropicMessages},
	{"https://api.mistral.ai/v1/chat/completions", []string{asJSON}, "mistral_ai", openAI},
	{"https://api.mistral.ai/v1/fim/completions", []string{asJSON}, "mistral_ai", openAI},
	{"https://api.mistral.ai/v1/audio/transcriptions", []string{asForm}, "mistral_ai", openAI},
	{"https://api.x.ai/v1/chat/completions", []string{asJSON}, "x_ai", openAI},
	{"https://api.x.ai/v1/responses", []string{asJSON}, "x_ai", openAI},
	{"https://api.perplexity.ai/chat/completions", []string{asJSON}, "perplexity", openAI},
	{"https://openrouter.ai/api/v1/chat/completions", []string{asJSON}, "openrouter", openAI},
	{"https://api.cerebras.ai/v1/chat/completions", []string{asJSON}, "cerebras", openAI},
	{"https://api.cohere.ai/compatibility/v1/chat/completions", []string{asJSON}, "cohere", openAI},
	{"https://api.cohere.com/v2/chat", []string{asJSON}, "cohere", cohereChat},
	{"https://api.deepinfra.com/v1/openai/chat/completions", []string{asJSON}, "deepinfra", openAI},
	{"https://api.sambanova.ai/v1/chat/completions", []string{asJSON}, "sambanova", openAI},
	{"https://integrate.api.nvidia.com/v1/chat/completions", []string{asJSON}, "nvidia", openAI},
	{"https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/chat/completions", []string{asJSON}, "aws.bedrock", openAI},
	{"https://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream", []string{asJSON}, "aws.bedrock", anthropicMessages},
	{"https://llm-gateway.assemblyai.com/v1/chat/completions", []string{asJSON}, "assemblyai", openAI},
	{"https://api.anthropic.com/v1/messages", []string{asJSON, "Anthropic-Version: 2023-06-01"}, "anthropic", anthropicMessages},
	{"https://api.anthropic.com/v1/messages?beta=true", []string{asJSON}, "anthropic", anthropicMessages},
	{"https://api.anthropic.com/v1/chat/completions", []string{asJSON}, "anthropic", openAI},
	{"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", []string{asJSON}, "gcp.gemini", geminiContent},
	{"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", []string{asJSON}, "gcp.gemini", geminiContent},
	{"https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", []string{asJSON}, "gcp.gemini", openAI},
	{"https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse", []string{asJSON}, "gcp.vertex_ai", geminiContent},
	{"https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-2.5-flash:generateContent", []string{asJSON}, "gcp.vertex_ai", geminiContent},
	{"https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5:streamRawPredict", []string{asJSON}, "gcp.vertex_ai", anthropicMessages},
	{"https://aiplatform.us.rep.googleapis.com/v1/projects/p/locations/us/endpoints/openapi/chat/completions", []string{asJSON}, "gcp.vertex_ai", openAI},
	{"https://ollama.com/api/chat", []string{asJSON}, "ollama", ollamaAPI},
	{"https://api.deepgram.com/v1/listen?model=nova-3", []string{asWAV}, "deepgram", deepgramAPI},
	{"https://api.eu.deepgram.com/v1/speak?model=aura-2-thalia-en", []string{asJSON}, "deepgram", deepgramAPI},
	{"https://api.elevenlabs.io/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb", []string{asJSON}, "elevenlabs", elevenLabs},
	{"https://api.elevenlabs.io/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream?output_format=pcm_16000", []string{asJSON}, "elevenlabs", elevenLabs},
	{"https://api.us.elevenlabs.io/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/with-timestamps", []string{asJSON}, "elevenlabs", elevenLabs},
	{"https://api.elevenlabs.io/v1/text-to-dialogue/stream", []string{asJSON}, "elevenlabs", elevenLabs},
	{"https://api.eu.residency.elevenlabs.io/v1/speech-to-text", []string{asForm}, "elevenlabs", elevenLabs},
	{"https://api.cartesia.ai/tts/bytes", []string{asJSON}, "cartesia", cartesiaAPI},
	{"https://api.cartesia.ai/tts/sse", []string{asJSON}, "cartesia", cartesiaAPI},
	{"https://api.cartesia.ai/stt", []string{asForm}, "cartesia", cartesiaAPI},
	{"https://api.assemblyai.com/v2/transcript", []string{asJSON}, "assemblyai", assemblyAI},
	{"https://api.eu.assemblyai.com/v2/transcript", []string{asJSON}, "assemblyai", assemblyAI},
	{"https://sync.assemblyai.com/transcribe", []string{asForm}, "assemblyai", assemblyAI},
	{"https://sync.eu.assemblyai.com/transcribe/live", []string{asWAV}, "assemblyai", assemblyAI},
	{"https://westeurope.tts.speech.microsoft.com/cognitiveservices/v1", []string{asSSML}, "azure", azureSpeech},
	{"https://westeurope.voice.speech.microsoft.com/cognitiveservices/v1?deploymentId=d", []string{asSSML}, "azure", azureSpeech},
	{"https://voice.cognitiveservices.azure.com/tts/cognitiveservices/v1", []string{asSSML}, "azure", azureSpeech},
	{"https://westeurope.stt.speech.microsoft.com/speech/recognition/conversation/cognitiveservices/v1?language=en-US", []string{asWAV}, "azure", azureSpeech},
	{"https://chinaeast2.stt.speech.azure.cn/speech/recognition/interactive/cognitiveservices/v1?language=zh-CN", []string{asWAV}, "azure", azureSpeech},
	{"https://eastus.api.cognitive.microsoft.com/speechtotext/transcriptions:transcribe?api-version=2024-11-15", []string{asForm}, "azure", azureSpeech},
	{"https://speech.googleapis.com/v1/speech:recognize", []string{asJSON}, "google", googleSpeech},
	{"https://us-central1-speech.googleapis.com/v2/projects/p/locations/us-central1/recognizers/_:recognize", []string{asJSON}, "google", googleSpeech},
	{"https://texttospeech.googleapis.com/v1/text:synthesize", []string{asJSON}, "google", googleSpeech},
	{"https://eu-texttospeech.googleapis.com/v1beta1/text:synthesize", []string{asJSON}, "google", googleSpeech},
	{"https://polly.eu-central-1.amazonaws.com/v1/speech", []string{asJSON}, "aws.polly", pollySpeech},
	{"https://polly-fips.us-east-1.amazonaws.com/v1/speech", []string{asJSON}, "aws.polly", pollySpeech},
	{"https://polly.cn-northwest-1.amazonaws.com.cn/v1/speech", []string{asJSON}, "aws.polly", pollySpeech},

	// Hosts of one's own.
	{"http://localhost:8000/v1/chat/completions", []string{asJSON}, "openai", openAI},
	{"http://vllm.internal/v1/chat/completions", []string{"Content-Type: Application/JSON; charset=utf-8"}, "vllm", openAI},
	{"http://vllm-proxy.example.com/v1/chat/completions", []string{asJSON}, "openai", openAI},
	{"http://localhost:11434/v1/chat/completions", []string{asJSON}, "ollama", openAI},
	{"https://proxy.example.com/openai/v1/audio/transcriptions", []string{asForm}, "openai", openAI},
	{"http://localhost:8880/v1/audio/speech", []string{asJSON}, "openai", openAI},
	{"https://proxy.example.com/v1/responses", []string{asJSON, "User-Agent: OpenAI/Go 3.9.0"}, "openai", openAI},
	{"http://localhost:8000/v1/completions", []string{asJSON, "User-Agent: OpenAI/Go 3.9.0"}, "openai", openAI},
	{"https://proxy.example.com/v1/messages", []string{asJSON, "Anthropic-Version: 2023-06-01"}, "anthropic", anthropicMessages},
	{"https://proxy.example.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", []string{asJSON}, "gcp.gemini", geminiContent},
	{"http://localhost:11434/api/chat", []string{asJSON}, "ollama", ollamaAPI},
	{"http://ollama/api/generate", []string{asJSON}, "ollama", ollamaAPI},
	{"http://gpu-1:8080/api/chat", []string{asJSON, "User-Agent: ollama/0.12.0 (amd64 linux) Go/go1.26"}, "ollama", ollamaAPI},
	{"http://gpu-1:8080/api/chat", []string{asJSON, "Accept: application/x-ndjson"}, "ollama", ollamaAPI},
	{"http://asr.internal:8080/v1/listen?model=nova-3", []string{asWAV, "Authorization: Token k"}, "deepgram", deepgramAPI},
	{"https://proxy.example.com/v1/text-to-speech/v/stream", []string{asJSON, "Xi-Api-Key: k"}, "elevenlabs", elevenLabs},
	{"http://localhost:9000/v1/text-to-speech/v/stream?output_format=ulaw_8000", []string{"Xi-Api-Key: k"}, "elevenlabs", elevenLabs},
	{"https://proxy.example.com/tts/bytes", []string{asJSON, "Cartesia-Version: 2025-04-16"}, "cartesia", cartesiaAPI},
	{"http://localhost:5000/cognitiveservices/v1", []string{asSSML}, "azure", azureSpeech},
	{"http://localhost:5000/speech/recognition/dictation/cognitiveservices/v1?language=en-US", []string{asWAV}, "azure", azureSpeech},
	{"https://proxy.example.com/google/v1/speech:recognize", []string{asJSON}, "google", googleSpeech},
	{"http://localhost:4566/v1/speech", []string{asJSON, "Authorization: AWS4-HMAC-SHA256 Credential=AK/20261128/eu-west-1/polly/aws4_request, SignedHeaders=host, Signature=0"}, "aws.polly", pollySpeech},
}

// TestCallsToModels holds which vendor and which protocol a request to a model has.
func TestCallsToModels(t *testing.T) {
	for _, c := range calls {
		t.Run(c.url, func(t *testing.T) {
			v, ok := Find(targetOf(http.MethodPost, c.url, c.headers...), Vendor{})
			if !ok || v.provider != c.provider || v.protocols != c.protocol {
				t.Errorf("got provider %q, protocol %b, %v; want %q, %b", v.provider, v.protocols, ok, c.provider, c.protocol)
			}
			for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodHead} {
				if _, ok := Find(targetOf(method, c.url, c.headers...), Vendor{}); ok {
					t.Errorf("%s is taken for a call to a model", method)
				}
			}
			if _, ok := Find(targetOf(http.MethodGet, c.url, c.headers...), Vendor{}); ok && c.protocol != assemblyAI {
				t.Error("GET is taken for a call to a model")
			}
		})
	}
	if _, ok := Find(targetOf(http.MethodGet, "https://api.assemblyai.com/v2/transcript/t1"), Vendor{}); !ok {
		t.Error("the request for a transcript of AssemblyAI has no decoder")
	}
}

// others are requests that are none to a model.
var others = []struct {
	method, url string
	headers     []string
}{
	// Other requests to known hosts.
	{"GET", "https://api.openai.com/v1/models", nil},
	{"POST", "https://api.openai.com/v1/embeddings", []string{asJSON}},
	{"POST", "https://api.openai.com/v1/images/generations", []string{asJSON}},
	{"POST", "https://api.openai.com/v1/moderations", []string{asJSON}},
	{"POST", "https://api.openai.com/v1/files", []string{asForm}},
	{"POST", "https://api.openai.com/v1/fine_tuning/jobs", []string{asJSON}},
	{"POST", "https://api.openai.com/v1/realtime/client_secrets", []string{asJSON}},
	{"GET", "https://api.openai.com/v1/chat/completions/chatcmpl-1", nil},
	{"POST", "https://api.openai.com/v1/responses/resp_1/cancel", []string{asJSON}},
	{"POST", "https://api.openai.com/v1/responses/input_tokens", []string{asJSON}},
	{"POST", "https://api.openai.com/v1/messages", []string{asJSON}},
	{"POST", "https://voice.openai.azure.com/openai/deployments/e/embeddings", []string{asJSON}},
	{"POST", "https://api.anthropic.com/v1/messages/count_tokens", []string{asJSON}},
	{"POST", "https://api.anthropic.com/v1/messages/batches", []string{asJSON}},
	{"POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:countTokens", []string{asJSON}},
	{"POST", "https://generativelanguage.googleapis.com/v1beta/models/text-embedding-004:embedContent", []string{asJSON}},
	{"POST", "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/imagen:predict", []string{asJSON}},
	{"GET", "http://localhost:11434/api/tags", nil},
	{"POST", "http://localhost:11434/api/embed", []string{asJSON}},
	{"POST", "http://localhost:11434/api/pull", []string{asJSON}},
	{"POST", "https://api.deepgram.com/v1/auth/grant", []string{asJSON}},
	{"POST", "https://api.deepgram.com/v1/read", []string{asJSON}},
	{"GET", "https://api.elevenlabs.io/v1/voices", nil},
	{"POST", "https://api.elevenlabs.io/v1/sound-generation", []string{asJSON}},
	{"POST", "https://api.cartesia.ai/voices/clone", []string{asForm}},
	{"GET", "https://westeurope.tts.speech.microsoft.com/cognitiveservices/voices/list", nil},
	{"POST", "https://westeurope.api.cognitive.microsoft.com/sts/v1.0/issueToken", nil},
	{"POST", "https://eastus.api.cognitive.microsoft.com/speechtotext/v3.2/transcriptions", []string{asJSON}},
	{"GET", "https://texttospeech.googleapis.com/v1/voices", nil},
	{"POST", "https://speech.googleapis.com/v1/speech:longrunningrecognize", []string{asJSON}},
	{"POST", "https://polly.eu-central-1.amazonaws.com/v1/synthesisTasks", []string{asJSON}},
	{"GET", "https://polly.eu-central-1.amazonaws.com/v1/voices", nil},
	{"POST", "https://bedrock-runtime.us-west-2.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse", []string{asJSON}},
	{"POST", "https://bedrock-runtime.us-west-2.amazonaws.com/model/amazon.titan-text-express-v1/invoke", []string{asJSON}},
	// Other hosts.
	{"POST", "https://shop.example.com/chat", []string{asJSON}},
	{"POST", "https://shop.example.com/api/chat", []string{asJSON}},
	{"POST", "https://shop.example.com/v2/chat", []string{asJSON}},
	{"POST", "http://localhost:3000/api/chat", []string{asJSON}},
	{"POST", "https://shop.example.com/api/generate", []string{asJSON}},
	{"POST", "https://shop.example.com/v1/messages", []string{asJSON}},
	{"POST", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json", []string{"Content-Type: application/x-www-form-urlencoded"}},
	{"POST", "https://forms.example.com/v1/responses", []string{asJSON}},
	{"POST", "https://school.example.com/v1/completions", []string{asJSON}},
	{"POST", "https://forms.example.com/forms/f1/responses", []string{asJSON, "User-Agent: OpenAI/Go 3.9.0"}},
	{"POST", "https://shop.example.com/v1/chat/completions", []string{asText}},
	{"POST", "https://shop.example.com/v1/chat/completions", nil},
	{"POST", "https://radio.example.com/library/audio/speech", []string{asJSON}},
	{"POST", "https://radio.example.com/v1/audio/transcriptions", []string{asJSON}},
	{"POST", "https://shop.example.com/v1/listen", []string{asWAV}},
	{"POST", "https://shop.example.com/v1/speak", []string{asJSON, "Authorization: Bearer k"}},
	{"POST", "https://shop.example.com/v1/text-to-speech/v", []string{asJSON}},
	{"POST", "https://shop.example.com/tts/bytes", []string{asJSON}},
	{"POST", "https://shop.example.com/stt", []string{asForm}},
	{"POST", "https://shop.example.com/v2/transcript", []string{asJSON}},
	{"POST", "https://shop.example.com/transcribe", []string{asForm}},
	{"POST", "https://shop.example.com/v1/speech", []string{asJSON}},
	{"POST", "https://shop.example.com/articles/1:generateContent", []string{asJSON}},
	{"POST", "https://shop.example.com/cognitiveservices/v1", []string{asJSON}},
	// Hosts that only resemble known ones.
	{"POST", "https://api.openai.com.example.com/v1/responses", []string{asJSON}},
	{"POST", "https://notapi.deepgram.com/v1/listen", []string{asWAV}},
	{"POST", "https://polly.example.com/v1/speech", []string{asJSON}},
	{"POST", "https://elevenlabs.io.example.com/v1/text-to-speech/v", []string{asJSON}},
	{"POST", "", nil},
}

// TestOtherRequestsHaveNoDecoder holds that what is in doubt is no call to a model, and costs no
// allocation.
func TestOtherRequestsHaveNoDecoder(t *testing.T) {
	for _, c := range others {
		t.Run(c.method+" "+c.url, func(t *testing.T) {
			target := targetOf(c.method, c.url, c.headers...)
			if v, ok := Find(target, Vendor{}); ok {
				t.Errorf("taken for a call to %q, protocol %b", v.provider, v.protocols)
			}
			if n := testing.AllocsPerRun(10, func() { Find(target, Vendor{}) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if New(target, func(*wire.Event) {}) != nil {
				t.Error("has a decoder")
			}
		})
	}
}

// TestNamedHosts holds that the name that a user gives a host decides.
func TestNamedHosts(t *testing.T) {
	hosts := Hosts{}
	for host, name := range map[string]string{
		"llm.example.com": "vllm", "localhost:8001": "groq", "localhost:8002": "assemblyai", "localhost": "ollama", "shop.example.com": None,
		"azure.example.com": "azure", "google.example.com": "google", "gemini.example.com": "gemini",
	} {
		v, ok := Named(name)
		if !ok {
			t.Fatalf("no vendor is named %q", name)
		}
		hosts[host] = v
	}
	for _, c := range []struct{ url, provider string }{
		{"https://llm.example.com/v1/responses", "vllm"},
		{"https://llm.example.com/v1/messages", "vllm"},
		{"https://llm.example.com:8443/v1/chat/completions", "vllm"},
		{"https://llm.example.com/v1/listen", ""},
		{"http://localhost:8001/openai/v1/chat/completions", "groq"},
		{"http://localhost:8002/v2/transcript", "assemblyai"},
		{"http://localhost:3000/api/chat", "ollama"},
		{"https://shop.example.com/v1/chat/completions", ""},
		{"https://azure.example.com/cognitiveservices/v1", "azure"},
		{"https://azure.example.com/openai/v1/responses", "azure.ai.openai"},
		{"https://azure.example.com/models/chat/completions", "azure.ai.inference"},
		{"https://google.example.com/v1/text:synthesize", "google"},
		{"https://google.example.com/v1beta/models/gemini-2.5-flash:generateContent", "gcp.gemini"},
		{"https://gemini.example.com/gemini-2.5-flash:generateContent", "gcp.gemini"},
		{"https://api.openai.com/v1/responses", "openai"},
	} {
		target := targetOf(http.MethodPost, c.url, asJSON)
		u, _ := url.Parse(c.url)
		if v, _ := Find(target, hosts.Of(u.Host)); v.Provider() != c.provider {
			t.Errorf("%s: got %q, want %q", c.url, v.Provider(), c.provider)
		}
	}
	if v := Hosts(nil).Of("a"); v != (Vendor{}) {
		t.Errorf("a vendor without names: %v", v)
	}
	if _, ok := Named("no such vendor"); ok {
		t.Error("a vendor has a name that does not exist")
	}
}

// TestTablesAgree holds that each host has a vendor, and that a vendor's name is that of its
// provider.
func TestTablesAgree(t *testing.T) {
	for host, name := range byHost {
		if v := ofHost(host); v == (Vendor{}) || v.provider != name || host != strings.ToLower(host) {
			t.Errorf("%s: %v", host, v)
		}
	}
	for _, p := range hostPatterns {
		if v := ofHost(p.prefix + "a" + p.suffix); v.protocols == 0 {
			t.Errorf("%s*%s: no vendor", p.prefix, p.suffix)
		}
	}
	for name, v := range byName {
		if v.isNone != (name == None) || !v.isNone && (v.provider != name || v.protocols == 0) {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, c := range calls {
		t := targetOf(http.MethodPost, c.url, c.headers...)
		f.Add(t.Method, t.Host, t.Port, t.Path, t.Header.Get("Content-Type"), t.Header.Get("Authorization"), "")
	}
	f.Fuzz(func(t *testing.T, method, host, port, path, contentType, authorization, name string) {
		h := http.Header{"Content-Type": {contentType}, "Authorization": {authorization}}
		target := &wire.Target{Method: method, Host: host, Port: port, Path: path, Header: h}
		named, _ := Named(name)
		v, ok := Find(target, named)
		switch {
		case ok && (v.provider == "" || v.protocols&(v.protocols-1) != 0 || v.protocols == 0 || v.isNone):
			t.Errorf("found %+v", v)
		case !ok && v != (Vendor{}):
			t.Errorf("not found, but %+v", v)
		case ok && method != http.MethodPost && v.protocols != assemblyAI:
			t.Errorf("%s is a call", method)
		case ok && named.isNone:
			t.Error("a host without a vendor has one")
		case ok:
			v.Decoder(target, func(*wire.Event) {})
		}
	})
}

func BenchmarkFindOther(b *testing.B) {
	target := targetOf(http.MethodPost, "https://shop.example.com/api/orders/4711/items", asJSON)
	b.ReportAllocs()
	for b.Loop() {
		Find(target, Vendor{})
	}
}
