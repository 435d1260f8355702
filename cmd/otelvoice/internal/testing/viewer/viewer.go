// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package viewer waits for a running viewer in tests.
package viewer

import (
	"bufio"
	"context"
	"net/http"
	"testing"
	"time"
)

// patience is how long a viewer may take.
const patience = 2 * time.Minute

// Eventually asks until the answer is as wanted: at once, and whenever the viewer at an address reports that a call
// changed, or that it is alive. It fails the test after two minutes.
func Eventually(t *testing.T, address, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	for lines := bufio.NewScanner(res.Body); !ok(); {
		isLive := lines.Scan()
		for isLive && lines.Text() != "" { // An empty line ends an event.
			isLive = lines.Scan()
		}
		if !isLive {
			t.Fatalf("not in %v, or the viewer ended: %s: %v", patience, what, lines.Err())
		}
	}
}
