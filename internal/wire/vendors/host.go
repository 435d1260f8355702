// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"net"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// Values of gen_ai.provider.name for which requests of one host differ. OpenTelemetry's conventions
// define those with a dot, except that of Polly, which follows that of Bedrock. For speech they
// define none.
const (
	providerOpenAI      = "openai"
	providerAnthropic   = "anthropic"
	providerGemini      = "gcp.gemini"
	providerVertex      = "gcp.vertex_ai"
	providerOllama      = "ollama"
	providerAzure       = "azure"
	providerAzureOpenAI = "azure.ai.openai"
	providerAzureModels = "azure.ai.inference"
	providerGoogle      = "google"
	providerBedrock     = "aws.bedrock"
	providerPolly       = "aws.polly"
)

// languageModels are the protocols that servers of language models speak besides their own.
const languageModels = openAI | anthropicMessages

// byName holds the vendors by their names, which are those of gen_ai.provider.name.
var byName = map[string]Vendor{
	providerOpenAI:      {provider: providerOpenAI, protocols: openAI},
	providerAnthropic:   {provider: providerAnthropic, protocols: languageModels},
	providerGemini:      {provider: providerGemini, protocols: geminiContent | openAI},
	providerVertex:      {provider: providerVertex, protocols: geminiContent | languageModels},
	providerOllama:      {provider: providerOllama, protocols: ollamaAPI | languageModels},
	providerAzure:       {provider: providerAzure, protocols: azureSpeech | languageModels},
	providerAzureOpenAI: {provider: providerAzureOpenAI, protocols: openAI},
	providerAzureModels: {provider: providerAzureModels, protocols: languageModels},
	providerGoogle:      {provider: providerGoogle, protocols: googleSpeech | geminiContent | openAI},
	providerBedrock:     {provider: providerBedrock, protocols: languageModels},
	providerPolly:       {provider: providerPolly, protocols: pollySpeech},

	"assemblyai": {provider: "assemblyai", protocols: assemblyAI | languageModels},
	"baseten":    {provider: "baseten", protocols: openAI},
	"cartesia":   {provider: "cartesia", protocols: cartesiaAPI | openAI},
	"cerebras":   {provider: "cerebras", protocols: openAI},
	"cohere":     {provider: "cohere", protocols: cohereChat | openAI},
	"deepgram":   {provider: "deepgram", protocols: deepgramAPI},
	"deepinfra":  {provider: "deepinfra", protocols: languageModels},
	"deepseek":   {provider: "deepseek", protocols: languageModels},
	"elevenlabs": {provider: "elevenlabs", protocols: elevenLabs},
	"fireworks":  {provider: "fireworks", protocols: languageModels},
	"groq":       {provider: "groq", protocols: openAI},
	"litellm":    {provider: "litellm", protocols: languageModels | geminiContent},
	"llama.cpp":  {provider: "llama.cpp", protocols: languageModels},
	"lmstudio":   {provider: "lmstudio", protocols: languageModels},
	"localai":    {provider: "localai", protocols: languageModels},
	"mistral_ai": {provider: "mistral_ai", protocols: openAI},
	"moonshot":   {provider: "moonshot", protocols: languageModels},
	"nvidia":     {provider: "nvidia", protocols: openAI},
	"openrouter": {provider: "openrouter", protocols: languageModels},
	"perplexity": {provider: "perplexity", protocols: openAI},
	"sambanova":  {provider: "sambanova", protocols: languageModels},
	"together":   {provider: "together", protocols: openAI},
	"vllm":       {provider: "vllm", protocols: languageModels},
	"x_ai":       {provider: "x_ai", protocols: languageModels},

	// None is for a host whose requests look like a model's and are not.
	None: {isNone: true},
}

// byHost holds the names of vendors by their hosts.
var byHost = map[string]string{
	"api.openai.com":                    providerOpenAI,
	"api.anthropic.com":                 providerAnthropic,
	"generativelanguage.googleapis.com": providerGemini,
	"aiplatform.googleapis.com":         providerVertex,
	"speech.googleapis.com":             providerGoogle,
	"texttospeech.googleapis.com":       providerGoogle,
	"ollama.com":                        providerOllama,
	"models.inference.ai.azure.com":     providerAzureModels,
	"models.github.ai":                  providerAzureModels,
	"inference.baseten.co":              "baseten",
	"api.cartesia.ai":                   "cartesia",
	"api.cerebras.ai":                   "cerebras",
	"api.cohere.ai":                     "cohere",
	"api.cohere.com":                    "cohere",
	"api.deepgram.com":                  "deepgram",
	"api.eu.deepgram.com":               "deepgram",
	"api.deepinfra.com":                 "deepinfra",
	"api.deepseek.com":                  "deepseek",
	"api.elevenlabs.io":                 "elevenlabs",
	"api.fireworks.ai":                  "fireworks",
	"api.groq.com":                      "groq",
	"api.mistral.ai":                    "mistral_ai",
	"codestral.mistral.ai":              "mistral_ai",
	"api.moonshot.ai":                   "moonshot",
	"api.moonshot.cn":                   "moonshot",
	"integrate.api.nvidia.com":          "nvidia",
	"openrouter.ai":                     "openrouter",
	"api.perplexity.ai":                 "perplexity",
	"api.sambanova.ai":                  "sambanova",
	"api.together.ai":                   "together",
	"api.together.xyz":                  "together",
	"api.x.ai":                          "x_ai",
	"us-east-1.api.x.ai":                "x_ai",
	"eu-west-1.api.x.ai":                "x_ai",
}

// hostPatterns are the vendors of hosts with a region, a resource or a customer in their names. "*"
// is any text.
var hostPatterns = [...]struct{ prefix, suffix, name string }{
	{"", ".api.openai.com", providerOpenAI}, // eu.api.openai.com.
	{"", ".openai.azure.com", providerAzureOpenAI},
	{"", ".openai.azure.us", providerAzureOpenAI},
	{"", ".openai.azure.cn", providerAzureOpenAI},
	{"", ".cognitiveservices.azure.com", providerAzure},
	{"", ".cognitiveservices.azure.us", providerAzure},
	{"", ".cognitiveservices.azure.cn", providerAzure},
	{"", ".api.cognitive.microsoft.com", providerAzure},
	{"", ".api.cognitive.azure.us", providerAzure},
	{"", ".api.cognitive.azure.cn", providerAzure},
	{"", ".services.ai.azure.com", providerAzure},
	{"", ".models.ai.azure.com", providerAzureModels},
	{"", ".speech.microsoft.com", providerAzure}, // With tts, stt or voice before it.
	{"", ".speech.azure.us", providerAzure},
	{"", ".speech.azure.cn", providerAzure},
	{"", "-aiplatform.googleapis.com", providerVertex},
	{"aiplatform.", ".rep.googleapis.com", providerVertex},
	{"", "-speech.googleapis.com", providerGoogle},
	{"", "-texttospeech.googleapis.com", providerGoogle},
	{"bedrock-runtime.", ".amazonaws.com", providerBedrock},
	{"bedrock-mantle.", ".api.aws", providerBedrock},
	{"polly.", ".amazonaws.com", providerPolly},
	{"polly-fips.", ".amazonaws.com", providerPolly},
	{"polly.", ".amazonaws.com.cn", providerPolly},
	{"polly.", ".api.aws", providerPolly},
	{"", ".assemblyai.com", "assemblyai"}, // api, api.eu, sync, llm-gateway.
	{"", ".elevenlabs.io", "elevenlabs"},  // api.us, api.eu.residency.
	{"", ".direct.fireworks.ai", "fireworks"},
	{"", ".api.baseten.co", "baseten"},
}

// ofHost returns the vendor of a host, or the zero Vendor.
func ofHost(host string) Vendor {
	if name, ok := byHost[host]; ok {
		return byName[name]
	}
	for i := range hostPatterns {
		p := &hostPatterns[i]
		if len(host) > len(p.prefix)+len(p.suffix) && strings.HasSuffix(host, p.suffix) && strings.HasPrefix(host, p.prefix) {
			return byName[p.name]
		}
	}
	return Vendor{}
}

// providerOf returns the gen_ai.provider.name of a request to a vendor. The names "azure" and "google"
// are those of the speech of clouds whose language models have names of their own.
func (v Vendor) providerOf(protocol protocols, path string) string {
	switch {
	case v.provider == providerGoogle && protocol != googleSpeech:
		return providerGemini
	case v.provider != providerAzure || protocol == azureSpeech:
		return v.provider
	case protocol == anthropicMessages || strings.HasSuffix(path, "/models/chat/completions"):
		return providerAzureModels
	}
	return providerAzureOpenAI
}

// providerOfUnknown returns the gen_ai.provider.name of a request to an unknown host. The conventions
// name a server after the API that it speaks if nothing else is known.
func providerOfUnknown(protocol protocols, t *wire.Target) string {
	switch protocol {
	case openAI:
		if t.Port == ollamaPort || strings.Contains(t.Host, providerOllama) {
			return providerOllama
		}
		switch name, _, _ := strings.Cut(t.Host, "."); name {
		case "vllm", "litellm", "lmstudio", "localai": // As services of a composition are named.
			return name
		}
		return providerOpenAI
	case anthropicMessages:
		switch {
		case strings.Contains(t.Path, "/publishers/"):
			return providerVertex
		case strings.Contains(t.Path, "/model/"):
			return providerBedrock
		}
		return providerAnthropic
	case geminiContent:
		if strings.Contains(t.Path, "/publishers/") {
			return providerVertex
		}
		return providerGemini
	case ollamaAPI:
		return providerOllama
	case deepgramAPI:
		return "deepgram"
	case elevenLabs:
		return "elevenlabs"
	case cartesiaAPI:
		return "cartesia"
	case assemblyAI:
		return "assemblyai"
	case azureSpeech:
		return providerAzure
	case googleSpeech:
		return providerGoogle
	case pollySpeech:
		return providerPolly
	default:
		return ""
	}
}

// ollamaPort is the port on which servers of Ollama listen.
const ollamaPort = "11434"

// None is the name for a host that is not a vendor's, whatever its requests look like.
const None = "none"

// Named returns the vendor of a name in lower case, and reports whether there is one. Names are the
// values of gen_ai.provider.name, such as "openai", "azure.ai.openai" and "deepgram", short forms of
// them ("gemini", "mistral", "xai"), names of servers that one runs oneself ("vllm", "ollama",
// "litellm", "lmstudio", "localai", "llama.cpp"), and [None].
func Named(name string) (Vendor, bool) {
	switch name {
	case "gemini":
		name = providerGemini
	case "vertex", "vertexai", "vertex_ai":
		name = providerVertex
	case "mistral":
		name = "mistral_ai"
	case "xai":
		name = "x_ai"
	case "bedrock":
		name = providerBedrock
	case "polly":
		name = providerPolly
	}
	v, ok := byName[name]
	return v, ok
}

// Hosts holds the vendors that a user named, by host ("llm.example.com") or by host and port
// ("localhost:8000"), in lower case.
type Hosts map[string]Vendor

// Of returns the vendor of a host and port, or the zero Vendor. An entry with the port goes before
// one without. The port may be missing.
func (h Hosts) Of(hostPort string) Vendor {
	if len(h) == 0 {
		return Vendor{}
	}
	if v, ok := h[hostPort]; ok {
		return v
	}
	if host, _, err := net.SplitHostPort(hostPort); err == nil {
		return h[host]
	}
	return Vendor{}
}
