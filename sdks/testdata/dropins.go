// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// The imports and declarations that code blocks of docs/drop-ins.md and docs/live-calls.md use.
package page

import (
	"context"
	"net/http"
	"net/url"

	speech "cloud.google.com/go/speech/apiv1"
	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/gorilla/websocket"
	ollama "github.com/ollama/ollama/api"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	goopenai "github.com/sashabaranov/go-openai"
	"google.golang.org/api/option"
	"google.golang.org/genai"
	"google.golang.org/grpc"

	"github.com/voice-agents/telemetry/otelgrpcspeech"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

var (
	ctx        context.Context
	apiKey     string
	httpClient *http.Client
	tel        *voicesdk.SDK
)
