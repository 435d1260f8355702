// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package grpcspeech_test

import (
	"context"
	"testing"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	apiv1 "cloud.google.com/go/speech/apiv1"
	speechv1 "cloud.google.com/go/speech/apiv1/speechpb"
	apiv2 "cloud.google.com/go/speech/apiv2"
	speechv2 "cloud.google.com/go/speech/apiv2/speechpb"

	"github.com/voice-agents/telemetry/otelgrpcspeech"
)

// A heard is what the agent reads in a response.
type heard struct {
	text    string
	isFinal bool
}

// A stream is what the agent uses of Google's streams.
type stream struct {
	send      func(audio []byte) error
	closeSend func() error
	receive   func() (heard, error)
}

// A dialer opens streams by Google's client of a version.
type dialer func(ctx context.Context) (stream, error)

// versions are the clients of Google, by their version.
var versions = map[string]func(tb testing.TB, opts []option.ClientOption) dialer{"v1": dialV1, "v2": dialV2}

func options(address string, opts ...grpc.DialOption) []option.ClientOption {
	all := []option.ClientOption{
		option.WithEndpoint(address), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithChainStreamInterceptor(otelgrpcspeech.StreamClientInterceptor())),
	}
	for _, opt := range opts {
		all = append(all, option.WithGRPCDialOption(opt))
	}
	return all
}

func dialV1(tb testing.TB, opts []option.ClientOption) dialer {
	tb.Helper()
	client, err := apiv1.NewClient(tb.Context(), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return func(ctx context.Context) (stream, error) {
		s, err := client.StreamingRecognize(ctx)
		if err != nil {
			return stream{}, err
		}
		config := &speechv1.StreamingRecognitionConfig{InterimResults: true, EnableVoiceActivityEvents: true, Config: &speechv1.RecognitionConfig{
			Encoding: speechv1.RecognitionConfig_MULAW, SampleRateHertz: 8000, LanguageCode: "en-US", Model: "telephony", EnableWordTimeOffsets: true,
		}}
		err = s.Send(&speechv1.StreamingRecognizeRequest{StreamingRequest: &speechv1.StreamingRecognizeRequest_StreamingConfig{StreamingConfig: config}})
		return stream{
			send: func(audio []byte) error {
				return s.Send(&speechv1.StreamingRecognizeRequest{StreamingRequest: &speechv1.StreamingRecognizeRequest_AudioContent{AudioContent: audio}})
			},
			closeSend: s.CloseSend,
			receive: func() (heard, error) {
				m, err := s.Recv()
				if r := m.GetResults(); len(r) > 0 {
					return heard{r[0].GetAlternatives()[0].GetTranscript(), r[0].GetIsFinal()}, err
				}
				return heard{}, err
			},
		}, err
	}
}

func dialV2(tb testing.TB, opts []option.ClientOption) dialer {
	tb.Helper()
	client, err := apiv2.NewClient(tb.Context(), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return func(ctx context.Context) (stream, error) {
		s, err := client.StreamingRecognize(ctx)
		if err != nil {
			return stream{}, err
		}
		config := &speechv2.StreamingRecognitionConfig{
			Config: &speechv2.RecognitionConfig{
				Model: "telephony", LanguageCodes: []string{"en-US"},
				DecodingConfig: &speechv2.RecognitionConfig_ExplicitDecodingConfig{ExplicitDecodingConfig: &speechv2.ExplicitDecodingConfig{
					Encoding: speechv2.ExplicitDecodingConfig_MULAW, SampleRateHertz: 8000, AudioChannelCount: 1,
				}},
				Features: &speechv2.RecognitionFeatures{EnableWordTimeOffsets: true},
			},
			StreamingFeatures: &speechv2.StreamingRecognitionFeatures{EnableVoiceActivityEvents: true, InterimResults: true},
		}
		err = s.Send(&speechv2.StreamingRecognizeRequest{
			Recognizer:       "projects/p/locations/global/recognizers/_",
			StreamingRequest: &speechv2.StreamingRecognizeRequest_StreamingConfig{StreamingConfig: config},
		})
		return stream{
			send: func(audio []byte) error {
				return s.Send(&speechv2.StreamingRecognizeRequest{StreamingRequest: &speechv2.StreamingRecognizeRequest_Audio{Audio: audio}})
			},
			closeSend: s.CloseSend,
			receive: func() (heard, error) {
				m, err := s.Recv()
				if r := m.GetResults(); len(r) > 0 {
					return heard{r[0].GetAlternatives()[0].GetTranscript(), r[0].GetIsFinal()}, err
				}
				return heard{}, err
			},
		}, err
	}
}
