// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/twilio/twilio-go"
	twilioclient "github.com/twilio/twilio-go/client"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/sdks/vendorserver"
	"github.com/voice-agents/telemetry/semconv"
)

// toServer sends the requests to all hosts to a server on loopback.
type toServer struct {
	address string
	base    http.RoundTripper
}

func (s toServer) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := r.Clone(r.Context())
	sent.URL.Scheme, sent.URL.Host = "http", s.address
	return s.base.RoundTrip(sent)
}

// Call control is no stage.
func TestCallControl(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	server := vendorserver.New(vendorserver.TwilioCall())
	t.Cleanup(server.Close)
	base := toServer{strings.TrimPrefix(server.URL, "http://"), server.Client().Transport}
	client := &twilioclient.Client{
		Credentials: twilioclient.NewCredentials("AC1", "token"),
		HTTPClient:  &http.Client{Transport: voicehttp.Transport(tel.Telemetry, base)},
	}
	client.SetAccountSid("AC1")
	call, err := twilio.NewRestClientWithParams(twilio.ClientParams{Client: client}).Api.CreateCall(
		new(twilioapi.CreateCallParams).SetTo("+14155550100").SetFrom("+14155550101").SetUrl("https://agent.example.com/answer"))
	if err != nil || *call.Sid != "CA1" {
		t.Fatalf("%v, %v", call, err)
	}
	voicetest.Check(t, rec)
	if got, want := rec.Shape(), "POST CLIENT\n"; got != want {
		t.Fatalf("the spans are\n%swant\n%s", got, want)
	}
	has(t, rec.Spans()[0], semconv.ServerAddress("api.twilio.com"), semconv.HTTPResponseStatusCode(201))
	voicetest.NoSecrets(t, rec, "+14155550100", "token")
}
