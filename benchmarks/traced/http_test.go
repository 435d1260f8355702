// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/benchmarks/paired"
)

// host is the host of a request among the attributes of a metric.
var host = regexp.MustCompile(` ?server\.(address=[^ \]]*|port=a port| port)`)

// All contenders serve and send the same requests, with otelhttp's spans and measurements.
func TestAllServeTheSame(t *testing.T) {
	for _, tt := range []struct {
		name  string
		all   func(sinks) []paired.Contender
		lines []int
		// more lists attributes that only voicehttp has, or has under another name.
		more *strings.Replacer
	}{
		{
			"direct", func(s sinks) []paired.Contender { return handlers(s, direct) },
			[]int{0, 2 * 2},
			strings.NewReplacer(" http.route="+route, "", " voice.correlation.id=an id of 36 characters", ""),
		},
		{
			"loopback", func(s sinks) []paired.Contender { return handlers(s, overLoopback) },
			[]int{0, 2 * 2},
			strings.NewReplacer(" http.route="+route, "", " voice.correlation.id=an id of 36 characters", ""),
		},
		{"transport", transports, []int{0}, strings.NewReplacer("POST client", "HTTP POST client")},
	} {
		base := recordingOf(t, sdktrace.AlwaysSample(), 2, func(s sinks) paired.Contender { return tt.all(s)[0] })
		if len(base.spans) != 2 || len(base.metrics) == 0 {
			t.Errorf("%s: the baseline recorded %+v", tt.name, base)
		}
		for i, c := range tt.all(sinks{})[1:] {
			t.Run(tt.name+"/"+c.Name, func(t *testing.T) {
				got := recordingOf(t, sdktrace.AlwaysSample(), 2, func(s sinks) paired.Contender { return tt.all(s)[i+1] })
				for j, span := range got.spans {
					more := tt.more.Replace(span)
					if more == span {
						t.Errorf("voicehttp adds nothing to %s", span)
					}
					got.spans[j] = more
				}
				same(t, "span", got.spans, base.spans)
				want := slices.Clone(base.metrics)
				for j := range want { // voicehttp's servers omit the host, because callers can invent it.
					if strings.HasPrefix(want[j], "http.server.") {
						want[j] = host.ReplaceAllString(want[j], "")
					}
				}
				same(t, "metric", got.metrics, want)
				if got.lines != tt.lines[i] {
					t.Errorf("%d lines, want %d", got.lines, tt.lines[i])
				}
			})
		}
	}
}
