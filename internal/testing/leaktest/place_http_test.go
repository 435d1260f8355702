// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest_test

import (
	"errors"
	"hash/fnv"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/baggage"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
)

// hash returns a name for a text.
func hash(text string) string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, text) // It takes everything.
	return strconv.FormatUint(h.Sum64(), 36)
}

// served returns a place in requests to a server with the middleware, from a client with the transport.
func served(name string, least int, handle http.HandlerFunc, request func(p *program, base string, i item) *http.Request) place {
	return place{name: name, least: least, plant: func(p *program, items []item) {
		mux := http.NewServeMux()
		mux.HandleFunc("/", handle)
		middleware := voicehttp.Middleware(p.tel.Telemetry, voicehttp.WithLoggedHeaders("X-State", "Authorization"), voicehttp.WithLoggedBodies(4<<10))
		server := httptest.NewUnstartedServer(middleware(mux))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.Start()
		defer server.Close()
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		client := &http.Client{Transport: voicehttp.Transport(p.tel.Telemetry, transport, voicehttp.WithTrustedHosts("127.0.0.1"))}
		for _, i := range items {
			req := request(p, server.URL, i)
			if req == nil {
				continue
			}
			res, err := client.Do(req)
			if err != nil {
				continue // The handler has panicked.
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	}}
}

// got returns a GET request for the target.
func (p *program) got(target, body string) *http.Request {
	req, err := http.NewRequestWithContext(p.Context(), http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		return nil
	}
	return req
}

// httpPlaces are the places in requests.
func httpPlaces() []place {
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	const both = logOutputs + 1
	header := func(name string) func(p *program, base string, i item) *http.Request {
		return func(p *program, base string, i item) *http.Request {
			req := p.got(base+"/x", "")
			req.Header.Set(name, i.text)
			return req
		}
	}
	return []place{
		fitting(isSegment, served("path", both, ok, func(p *program, base string, i item) *http.Request {
			return p.got(base+"/callers/"+url.PathEscape(i.text)+"/calls", "")
		})),
		served("query", 0, ok, func(p *program, base string, i item) *http.Request {
			key := i.key
			if key == "" {
				key = "note"
			}
			return p.got(base+"/x?"+url.Values{key: {i.value}, "a": {"1"}}.Encode(), "")
		}),
		served("fragment and user", 0, ok, func(p *program, base string, i item) *http.Request {
			return p.got(strings.Replace(base, "://", "://ada:"+url.QueryEscape(i.value)+"@", 1)+"/x#"+url.PathEscape(i.text), "")
		}),
		fitting(isLine, served("request header", logOutputs, ok, header("X-State"))),
		fitting(isLine, served("user agent", spanOutputs-1, ok, header("User-Agent"))),
		fitting(isLine, served("request header of an id", 0, ok, header("X-Request-Id"))),
		fitting(isLine, served("correlation header", 0, ok, header("X-Correlation-Id"))),
		fitting(isLine, served("trace state", 0, ok, header("Tracestate"))),
		fitting(isLine, served("response header", 0, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", r.Header.Get("X-State"))
			w.Header().Set("Set-Cookie", r.Header.Get("X-State"))
		}, header("X-State"))),
		served("request body", logOutputs, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) },
			func(p *program, base string, i item) *http.Request {
				req := p.got(base+"/x", i.text)
				req.Header.Set("Content-Type", "text/plain")
				return req
			}),
		served("response body", logOutputs, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.Copy(w, r.Body)
		}, func(p *program, base string, i item) *http.Request { return p.got(base+"/x", i.text) }),
		served("panic of a handler", both, func(_ http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			panic(string(b))
		}, func(p *program, base string, i item) *http.Request { return p.got(base+"/x", i.text) }),
		served("panic of a handler with an error", both, func(_ http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			panic(errors.New(string(b)))
		}, func(p *program, base string, i item) *http.Request { return p.got(base+"/x", i.text) }),
		served("baggage", 0, ok, func(p *program, base string, i item) *http.Request {
			req := p.got(base+"/x", "")
			member, err := baggage.NewMemberRaw("session.id", i.text)
			if err != nil {
				return req
			}
			bag, err := baggage.New(member)
			if err != nil {
				return req
			}
			return req.WithContext(baggage.ContextWithBaggage(req.Context(), bag))
		}),
		fitting(isSegment, served("address of a host that is away", spanOutputs-1, ok, func(p *program, _ string, i item) *http.Request {
			return p.got("http://127.0.0.1:1/callers/"+url.PathEscape(i.text), "")
		})),
	}
}

// fitting returns a place that accepts only some texts.
func fitting(fits func(string) bool, p place) place {
	p.fits = fits
	return p
}
