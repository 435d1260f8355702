// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package turnfile

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// consoleSpan reads a span of OpenTelemetry's console exporter.
func (r *Reader) consoleSpan(line []byte) error {
	var s struct {
		Name               string
		StartTime, EndTime time.Time
		Attributes         []struct {
			Key   string
			Value struct{ Value any }
		}
		Events []struct {
			Name string
			Time time.Time
		}
	}
	if err := json.Unmarshal(line, &s); err != nil {
		return err
	}
	var attrs []attribute.KeyValue
	for _, a := range s.Attributes {
		if kv, ok := attributeOf(a.Key, a.Value.Value); ok {
			attrs = append(attrs, kv)
		}
	}
	var events []recording.Event
	for _, e := range s.Events {
		events = append(events, recording.Event(e))
	}
	return r.span(s.Name, s.StartTime, s.EndTime, attrs, events)
}

// otlp reads the field resourceSpans of a request of OTLP in JSON.
func (r *Reader) otlp(resources []byte) error {
	type keyValue struct {
		Key   string `json:"key"`
		Value struct {
			String *string  `json:"stringValue"`
			Int    *integer `json:"intValue"`
			Double *double  `json:"doubleValue"`
		} `json:"value"`
	}
	var list []struct {
		Scopes []struct {
			Spans []struct {
				Name       string     `json:"name"`
				Start      integer    `json:"startTimeUnixNano"`
				End        integer    `json:"endTimeUnixNano"`
				Attributes []keyValue `json:"attributes"`
				Events     []struct {
					Name string  `json:"name"`
					Time integer `json:"timeUnixNano"`
				} `json:"events"`
			} `json:"spans"`
		} `json:"scopeSpans"`
	}
	if err := json.Unmarshal(resources, &list); err != nil {
		return err
	}
	for _, resource := range list {
		for _, scope := range resource.Scopes {
			for _, s := range scope.Spans {
				if s.Name != semconv.SpanVoiceTurn && s.Name != semconv.SpanVoiceSession {
					continue
				}
				var attrs []attribute.KeyValue
				for _, a := range s.Attributes {
					switch {
					case a.Value.String != nil:
						attrs = append(attrs, attribute.String(a.Key, *a.Value.String))
					case a.Value.Int != nil:
						attrs = append(attrs, attribute.Int64(a.Key, int64(*a.Value.Int)))
					case a.Value.Double != nil:
						attrs = append(attrs, attribute.Float64(a.Key, float64(*a.Value.Double)))
					}
				}
				var events []recording.Event
				for _, e := range s.Events {
					events = append(events, recording.Event{Name: e.Name, Time: e.Time.time()})
				}
				if err := r.span(s.Name, s.Start.time(), s.End.time(), attrs, events); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// integer is a number of 64 bits, which OTLP writes as a string.
type integer int64

func (i *integer) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*i = integer(n)
	return err
}

// double is a number that may be written as a string, such as "NaN".
type double float64

func (d *double) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*d = double(v)
	return err
}

// time returns the time of a number of nanoseconds. 0 is unknown.
func (i integer) time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}
