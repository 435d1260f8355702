// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlpdata

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// requests are the lists of a request by their field.
type requests map[string][]any

// names are what the lists are called. Tempo calls that of spans batches.
var names = map[string]string{ //nolint:gochecknoglobals // It does not change.
	resourceSpans: resourceSpans, resourceLogs: resourceLogs, resourceMetrics: resourceMetrics, "batches": resourceSpans,
}

// envelopes are the fields in which Tempo and Jaeger put a request.
var envelopes = []string{"trace", "result"} //nolint:gochecknoglobals // It does not change.

// hints are behind the text "esource" in the names of lists.
var hints = []string{"Spans", "_spans", "Logs", "_logs", "Metrics", "_metrics"} //nolint:gochecknoglobals // It does not change.

// hasHint reports whether a text may have a list of a request. Most have none, and are read once.
func hasHint(text []byte) bool {
	if bytes.Contains(text, []byte(`"batches"`)) {
		return true
	}
	for {
		_, after, found := bytes.Cut(text, []byte("esource"))
		if !found {
			return false
		}
		for _, hint := range hints {
			if bytes.HasPrefix(after, []byte(hint)) {
				return true
			}
		}
		text = after
	}
}

// spelled returns the requests of an object in the spelling of OTLP, or nil if there are none. It knows what programs
// write that use the JSON of protocol buffers or of Go instead, and what one downloads of Tempo and of Jaeger's third API:
//
//   - the lists are not the first field, or are within another object; names in snake_case;
//   - IDs in base64, with 0x, or without their first zeros;
//   - null for what is absent; whole numbers with an exponent;
//   - the names of scopes before version 0.15.
func spelled(text []byte) requests {
	if !hasHint(text) {
		return nil
	}
	var object map[string]any
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	if in.Decode(&object) != nil || in.More() {
		return nil
	}
	for _, name := range envelopes {
		if inner, ok := object[name].(map[string]any); ok {
			object = inner
		}
	}
	of := make(requests)
	for name, value := range object {
		field, ok := names[camelCase(name)]
		if list, isList := value.([]any); ok && isList {
			if list, ok := rewritten(field, list).([]any); ok {
				of[field] = append(of[field], list...)
			}
		}
	}
	if len(of) == 0 {
		return nil
	}
	return of
}

// batch reads the requests.
func (r requests) batch() (*signal.Batch, error) {
	all := new(signal.Batch)
	for field, list := range r {
		text, err := json.Marshal(map[string]any{field: list})
		if err != nil {
			return nil, err
		}
		batch, err := strictly(field, text)
		if err != nil {
			return nil, err
		}
		all.Spans, all.Records, all.Points = append(all.Spans, batch.Spans...), append(all.Records, batch.Records...), all.Points+batch.Points
	}
	return all, nil
}

// scopes are the names of fields before version 0.15 of OTLP.
var scopes = map[string]string{ //nolint:gochecknoglobals // It does not change.
	"instrumentationLibrary": "scope", "instrumentationLibrarySpans": "scopeSpans", "instrumentationLibraryLogs": "scopeLogs",
	"instrumentationLibraryMetrics": "scopeMetrics",
}

// rewritten returns the value of a field in the spelling of OTLP. It changes its argument.
func rewritten(field string, value any) any {
	switch value := value.(type) {
	case []any:
		kept := value[:0]
		for _, element := range value {
			switch {
			case element != nil:
				kept = append(kept, rewritten(field, element))
			case field == "values": // An empty value in a list of values.
				kept = append(kept, map[string]any{})
			}
		}
		return kept
	case map[string]any:
		return rewrittenObject(value)
	case string:
		switch field {
		case "traceId":
			return hexID(value, 16)
		case "spanId", "parentSpanId":
			return hexID(value, 8)
		}
	case json.Number:
		if field == "intValue" || strings.HasSuffix(field, "UnixNano") {
			return wholeNumber(value)
		}
	}
	return value
}

func rewrittenObject(object map[string]any) map[string]any {
	if inner, ok := object["Value"].(map[string]any); ok && len(object) == 1 { // Go has the kind of a value in an object of its own.
		object = inner
	}
	out := make(map[string]any, len(object))
	for name, value := range object {
		name = camelCase(name)
		if to, ok := scopes[name]; ok {
			name = to
		}
		if value != nil {
			out[name] = rewritten(name, value)
		}
	}
	return out
}

// camelCase returns the name of a field in lowerCamelCase.
func camelCase(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		switch {
		case part == "":
		case b.Len() == 0:
			b.WriteString(strings.ToLower(part[:1]) + part[1:])
		default:
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// hexID returns an ID of so many bytes in hexadecimal digits, or the text if it is none.
func hexID(text string, bytes int) string {
	digits := strings.TrimPrefix(text, "0x")
	_, notHex := hex.DecodeString(strings.Repeat("0", len(digits)%2) + digits)
	if notHex == nil && digits != "" && len(digits) <= 2*bytes {
		return strings.Repeat("0", 2*bytes-len(digits)) + digits
	}
	if id, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "=")); err == nil && len(id) == bytes {
		return hex.EncodeToString(id)
	}
	return text
}

// wholeNumber returns a number without fraction and exponent, if it is whole.
func wholeNumber(n json.Number) json.Number {
	if !strings.ContainsAny(n.String(), ".eE") {
		return n
	}
	f, _, err := big.ParseFloat(n.String(), 10, 128, big.ToNearestEven)
	if err != nil || f.MantExp(nil) > 64 || !f.IsInt() {
		return n
	}
	return json.Number(f.Text('f', 0))
}
