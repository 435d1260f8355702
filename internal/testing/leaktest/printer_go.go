// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// fmtPrinters print with package fmt.
func fmtPrinters() []Printer {
	return []Printer{
		printer("fmt.Sprint of a header", func(k, v string) string {
			return "request " + fmt.Sprint(http.Header{http.CanonicalHeaderKey(k): {v}, "Accept": {"*/*"}})
		}),
		printer("fmt.Sprint of a header with two values", func(k, v string) string {
			return fmt.Sprint(http.Header{http.CanonicalHeaderKey(k): {"none", v}})
		}),
		printer("%#v of a header", func(k, v string) string { return fmt.Sprintf("%#v", http.Header{http.CanonicalHeaderKey(k): {v}}) }),
		printer("%v of a map", func(k, v string) string { return fmt.Sprintf("args %v", map[string]string{k: v, "user": "ada"}) }),
		printer("%v of a map of anything", func(k, v string) string { return fmt.Sprintf("%v", map[string]any{k: v, "a": 1, "z": true}) }),
		printer("%#v of a map", func(k, v string) string { return fmt.Sprintf("%#v", map[string]any{snake(k): v}) }),
		printer("%q of a map", func(k, v string) string { return fmt.Sprintf("%q", map[string]string{k: v}) }),
		printer("%v of a map of lists", func(k, v string) string { return fmt.Sprint(map[string][]string{k: {v}, "x": {"1", "2"}}) }),
		printer("%v of a map of maps", func(k, v string) string {
			return fmt.Sprint(map[string]map[string]string{"config": {k: v}})
		}),
		printer("%+v of a struct", func(k, v string) string { return fmt.Sprintf("%+v", record(k, v).Interface()) }),
		printer("%#v of a struct", func(k, v string) string { return fmt.Sprintf("%#v", record(k, v).Interface()) }),
		printer("%+v of a pointer to a struct", func(k, v string) string { return fmt.Sprintf("config is %+v", pointer(record(k, v))) }),
		printer("%+v of a nested struct", func(k, v string) string {
			return fmt.Sprintf("%+v", struct {
				Name string
				Auth any
				Port int
			}{"tts", record(k, v).Interface(), 443})
		}),
		printer("%+v of a list of structs", func(k, v string) string { return fmt.Sprintf("%+v", []any{record(k, v).Interface()}) }),
		printer("%#v of a pointer to a struct", func(k, v string) string { return fmt.Sprintf("%#v", pointer(record(k, v))) }),
		printer("%q of a line", func(k, v string) string { return fmt.Sprintf("got %q", k+"="+v) }),
		printer("%q of a value", func(k, v string) string { return fmt.Sprintf("%s=%q", k, v) }),
		printer("an error chain", func(k, v string) string {
			err := fmt.Errorf("dial: %w", fmt.Errorf("bad config %s=%q: %w", k, v, errors.New("refused")))
			return "call failed: " + err.Error()
		}),
		printer("joined errors", func(k, v string) string {
			return errors.Join(errors.New("timeout"), fmt.Errorf("%s=%q", k, v)).Error()
		}),
		printer("the error of a request", func(k, v string) string {
			err := &url.Error{Op: "Post", URL: "https://api.example.com/v1?" + query(k, v), Err: errors.New("dial tcp: connection refused")}
			return err.Error()
		}),
		printer("the error of a number", func(k, v string) string {
			_, err := strconv.Atoi(k + "=" + v)
			return err.Error()
		}),
		printer("a panic", func(k, v string) string {
			return fmt.Sprintf("panic: login failed: %s=%q\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:12 +0x1d", k, v)
		}),
	}
}

// record returns a struct with the value in a field of the key's name.
func record(k, v string) reflect.Value {
	t := reflect.StructOf([]reflect.StructField{
		{Name: "Aname", Type: reflect.TypeFor[string]()},
		{Name: pascal(k), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`json:"` + snake(k) + `"`)},
		{Name: "Zport", Type: reflect.TypeFor[int]()},
	})
	s := reflect.New(t).Elem()
	s.Field(0).SetString("tts")
	s.Field(1).SetString(v)
	s.Field(2).SetInt(443)
	return s
}

func pointer(v reflect.Value) any {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface()
}

func query(k, v string) string { return url.Values{k: {v}, "lang": {"en"}}.Encode() }

// jsonPrinters print JSON.
func jsonPrinters() []Printer {
	list := []Printer{
		printer("JSON of a struct", func(k, v string) string { return jsonText(record(k, v).Interface()) }),
		printer("JSON of a map", func(k, v string) string { return "body " + jsonText(map[string]any{k: v, "n": 1}) }),
		printer("JSON without HTML escapes", func(k, v string) string {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			_ = enc.Encode(map[string]string{camel(k): v}) // A map of strings can be encoded.
			return b.String()
		}),
		printer("indented JSON", func(k, v string) string {
			b, _ := json.MarshalIndent(map[string]any{k: v, "user": "ada"}, "", "  ") // It can be encoded.
			return string(b)
		}),
		printer("JSON of a header", func(k, v string) string { return jsonText(http.Header{http.CanonicalHeaderKey(k): {v}}) }),
		printer("JSON of a list", func(k, v string) string { return jsonText(map[string]any{k + "s": []string{v, v}, "n": 1}) }),
		printer("JSON of an object under the key", func(k, v string) string {
			return jsonText(map[string]any{k: map[string]any{"value": v, "set": true}})
		}),
		printer("JSON of a list of objects under the key", func(k, v string) string {
			return jsonText(map[string]any{k: []any{map[string]any{"value": v}}})
		}),
		printer("JSON of name and value", func(k, v string) string {
			return `{"env":[{"name":` + quoted(k) + `,"value":` + quoted(v) + `}]}`
		}),
		printer("JSON of key and value", func(k, v string) string {
			return `[{"key":` + quoted(k) + `,"value":{"stringValue":` + quoted(v) + `}}]`
		}),
		printer("JSON of pairs", func(k, v string) string { return jsonText([][]string{{"host", "h"}, {k, v}}) }),
		printer("JSON cut off", func(k, v string) string {
			return `{"user":"ada",` + quoted(k) + `:` + strings.TrimSuffix(quoted(v), `"`)
		}),
		printer("JSON with Unicode escapes", func(k, v string) string {
			var b strings.Builder
			for _, c := range quoted(v) {
				if c < 0x80 {
					b.WriteRune(c)
				} else {
					fmt.Fprintf(&b, `\u%04x`, c)
				}
			}
			return `{` + quoted(k) + `:` + b.String() + `}`
		}),
	}
	for depth := 1; depth <= 5; depth++ {
		list = append(list, printer(fmt.Sprintf("JSON in a string, %d deep", depth), func(k, v string) string {
			text := jsonText(map[string]any{k: v, "user": "ada"})
			for range depth {
				text = jsonText(map[string]any{"arguments": text, "n": 1})
			}
			return text
		}))
	}
	return list
}
