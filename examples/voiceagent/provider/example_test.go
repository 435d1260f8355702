// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/testdata/speech"
)

// A vendor that fails its first synthesis and runs at twenty times real time.
func ExampleServe() {
	ctx := context.Background()
	script, err := provider.ReadScript(speech.Files())
	if err != nil {
		fmt.Println(err)
		return
	}
	vendor, err := provider.Serve(ctx, &provider.Options{
		Seed: 1, Speed: 20, Script: script,
		Faults: []provider.Fault{{Path: provider.PathSpeech}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = vendor.Close() }()

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, vendor.BaseURL()+"/chat/completions",
		strings.NewReader(`{"model": "gpt-4o", "messages": [{"role": "user", "content": "Is there parking?"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "Bearer any")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()

	var answer struct {
		Choices []struct{ Message struct{ Content string } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Choices[0].Message.Content)
	// Output: Yes, there is a garage under the hotel. It is free for our dinner guests.
}
