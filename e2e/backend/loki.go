// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// A Loki is one with the configuration of deploy/loki.
type Loki struct {
	*Process

	OTLP string // The URL that it takes OTLP over HTTP at.
	Host string // The address that it is asked at.
	url  string
}

// NewLoki starts a Loki on free ports.
func NewLoki(tb testing.TB) *Loki {
	tb.Helper()
	port := FreePort(tb)
	l := &Loki{Host: fmt.Sprintf("127.0.0.1:%d", port)}
	l.url = "http://" + l.Host
	l.OTLP = l.url + "/otlp"
	l.Process = Start(tb, "Loki", Tool(tb, "loki", "loki"),
		[]string{"-config.file", File(tb, "deploy", "loki", "loki.yaml"), "-config.expand-env=true"}, []string{
			"LOKI_HOST=127.0.0.1", "LOKI_PORT=" + strconv.Itoa(port), "LOKI_GRPC_PORT=" + strconv.Itoa(FreePort(tb)), "LOKI_DATA=" + tb.TempDir(),
		}, Answers(tb, l.url+"/ready"))
	return l
}

// A LokiStream is lines, or the value of a query that counts them, with the labels that
// they have in common.
type LokiStream struct {
	Labels map[string]string
	Lines  []string
}

// Query evaluates a query over the last hour, the oldest first.
func (l *Loki) Query(ctx context.Context, query string) ([]LokiStream, error) {
	now := time.Now()
	parameters := url.Values{
		"query": {query}, "direction": {"forward"}, "limit": {"5000"}, "step": {"3600"},
		"start": {strconv.FormatInt(now.Add(-time.Hour).UnixNano(), 10)}, "end": {strconv.FormatInt(now.Add(time.Minute).UnixNano(), 10)},
	}
	answer, err := ask[struct {
		Data struct {
			Result []struct {
				Stream, Metric map[string]string
				Values         [][2]any
			}
		}
	}](ctx, l.url+"/loki/api/v1/query_range?"+parameters.Encode())
	if err != nil {
		return nil, err
	}
	streams := make([]LokiStream, 0, len(answer.Data.Result))
	for _, r := range answer.Data.Result {
		s := LokiStream{Labels: r.Stream}
		if s.Labels == nil {
			s.Labels = r.Metric
		}
		for _, v := range r.Values {
			s.Lines = append(s.Lines, fmt.Sprint(v[1]))
		}
		streams = append(streams, s)
	}
	return streams, nil
}
