// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// The imports and declarations that the code blocks of docs/drop-ins.md use.
package page

import (
	"context"
	"net/http"
	"net/url"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/aws/aws-sdk-go-v2/aws"
	ollama "github.com/ollama/ollama/api"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	goopenai "github.com/sashabaranov/go-openai"
	"google.golang.org/genai"
)

var (
	ctx        context.Context
	apiKey     string
	httpClient *http.Client
)
