// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"bytes"
	"net/http"
	"testing"

	"google.golang.org/protobuf/proto"
)

// Post sends a message as OTLP over HTTP, to a path such as /v1/traces, and returns the status of the answer.
func (c *Collector) Post(tb testing.TB, path string, message proto.Message) int {
	tb.Helper()
	body, err := proto.Marshal(message)
	if err != nil {
		tb.Fatal(err)
	}
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "http://"+c.HTTP+path, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		tb.Error(err)
	}
	return response.StatusCode
}
