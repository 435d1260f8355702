// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech_test

import (
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	_ "google.golang.org/protobuf/types/known/durationpb" // The descriptor of Duration.
)

// The messages of recognisers, as far as they are read. A line is a message, an enum, or a field of the message above it: its type, its
// name and its number.
const (
	// rivaProto is nvidia.riva.asr.
	rivaProto = `
enum AudioEncoding ENCODING_UNSPECIFIED=0 LINEAR_PCM=1 FLAC=2 MULAW=3 OGGOPUS=4 ALAW=20
message RecognitionConfig
  AudioEncoding encoding 1
  int32 sample_rate_hertz 2
  string language_code 3
  int32 audio_channel_count 7
  bool enable_separate_recognition_per_channel 12
  string model 13
message StreamingRecognitionConfig
  RecognitionConfig config 1
  bool interim_results 2
message StreamingRecognizeRequest
  StreamingRecognitionConfig streaming_config 1
  bytes audio_content 2
message WordInfo
  int32 start_time 1
  int32 end_time 2
  string word 3
message SpeechRecognitionAlternative
  string transcript 1
  float confidence 2
  repeated WordInfo words 3
message PipelineStates
  repeated float vad_probabilities 1
message StreamingRecognitionResult
  repeated SpeechRecognitionAlternative alternatives 1
  bool is_final 2
  float stability 3
  int32 channel_tag 5
  float audio_processed 6
  PipelineStates pipeline_states 7
message StreamingRecognizeResponse
  repeated StreamingRecognitionResult results 1`

	// googleProto is google.cloud.speech.v1, with the fields of v2 that have other names.
	googleProto = `
enum AudioEncoding ENCODING_UNSPECIFIED=0 LINEAR16=1 FLAC=2 MULAW=3 WEBM_OPUS=9 ALAW=10
enum MultiChannelMode MULTI_CHANNEL_MODE_UNSPECIFIED=0 SEPARATE_RECOGNITION_PER_CHANNEL=1
enum SpeechEventType SPEECH_EVENT_UNSPECIFIED=0 END_OF_SINGLE_UTTERANCE=1 SPEECH_ACTIVITY_BEGIN=2 SPEECH_ACTIVITY_END=3 SPEECH_ACTIVITY_TIMEOUT=4
message ExplicitDecodingConfig
  AudioEncoding encoding 1
  int32 sample_rate_hertz 2
  int32 audio_channel_count 3
message RecognitionFeatures
  MultiChannelMode multi_channel_mode 17
message RecognitionConfig
  AudioEncoding encoding 1
  int32 sample_rate_hertz 2
  string language_code 3
  int32 audio_channel_count 7
  repeated string alternative_language_codes 18
  string model 13
  ExplicitDecodingConfig explicit_decoding_config 30
  repeated string language_codes 31
  RecognitionFeatures features 32
message StreamingRecognitionConfig
  RecognitionConfig config 1
message StreamingRecognizeRequest
  StreamingRecognitionConfig streaming_config 1
  bytes audio_content 2
  bytes audio 5
  string recognizer 3
message WordInfo
  google.protobuf.Duration start_time 1
  google.protobuf.Duration end_time 2
  string word 3
message SpeechRecognitionAlternative
  string transcript 1
  float confidence 2
  repeated WordInfo words 3
message StreamingRecognitionResult
  repeated SpeechRecognitionAlternative alternatives 1
  bool is_final 2
  google.protobuf.Duration result_end_time 4
  int32 channel_tag 5
  string language_code 6
message Status
  int32 code 1
  string message 2
message Metadata
  string request_id 9
  google.protobuf.Duration total_billed_duration 6
message StreamingRecognizeResponse
  Status error 1
  repeated StreamingRecognitionResult results 2
  SpeechEventType speech_event_type 4
  google.protobuf.Duration speech_event_time 8
  google.protobuf.Duration total_billed_time 5
  int64 request_id 10
  Metadata metadata 11`
)

// A protocol has the messages of a service.
type protocol struct {
	method   string
	request  protoreflect.MessageDescriptor
	response protoreflect.MessageDescriptor
}

const (
	rivaMethod   = "/nvidia.riva.asr.RivaSpeechRecognition/StreamingRecognize"
	googleMethod = "/google.cloud.speech.v1.Speech/StreamingRecognize"
)

func riva(tb testing.TB) protocol {
	tb.Helper()
	return protocolOf(tb, rivaMethod, parse(tb, "nvidia.riva.asr", rivaProto))
}

func google(tb testing.TB) protocol {
	tb.Helper()
	return protocolOf(tb, googleMethod, parse(tb, "google.cloud.speech.v1", googleProto))
}

func protocolOf(tb testing.TB, method string, file protoreflect.FileDescriptor) protocol {
	tb.Helper()
	p := protocol{method, file.Messages().ByName("StreamingRecognizeRequest"), file.Messages().ByName("StreamingRecognizeResponse")}
	if p.request == nil || p.response == nil {
		tb.Fatalf("no messages for %s", method)
	}
	return p
}

// asks returns a request of its JSON.
func (p protocol) asks(tb testing.TB, text string) *dynamicpb.Message {
	tb.Helper()
	return message(tb, p.request, text)
}

// answers returns a response of its JSON.
func (p protocol) answers(tb testing.TB, text string) *dynamicpb.Message {
	tb.Helper()
	return message(tb, p.response, text)
}

// frame returns a request with audio.
func (p protocol) frame(size int) *dynamicpb.Message {
	m := dynamicpb.NewMessage(p.request)
	m.Set(p.request.Fields().ByName("audio_content"), protoreflect.ValueOfBytes(make([]byte, size)))
	return m
}

func message(tb testing.TB, of protoreflect.MessageDescriptor, text string) *dynamicpb.Message {
	tb.Helper()
	m := dynamicpb.NewMessage(of)
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	return m
}

// parse makes the descriptor of a package.
func parse(tb testing.TB, name, text string) protoreflect.FileDescriptor {
	tb.Helper()
	file := &descriptorpb.FileDescriptorProto{
		Name: new(name + ".proto"), Package: new(name), Syntax: new("proto3"),
		Dependency: []string{"google/protobuf/duration.proto"},
	}
	enums := make(map[string]bool)
	for line := range strings.Lines(strings.TrimSpace(text)) {
		words := strings.Fields(line)
		switch words[0] {
		case "message":
			file.MessageType = append(file.MessageType, &descriptorpb.DescriptorProto{Name: new(words[1])})
		case "enum":
			e := &descriptorpb.EnumDescriptorProto{Name: new(words[1])}
			for _, word := range words[2:] {
				value, n, _ := strings.Cut(word, "=")
				// The values of an enum are beside it, and need names of their own.
				e.Value = append(e.Value, &descriptorpb.EnumValueDescriptorProto{Name: new(value), Number: number(tb, n)})
			}
			enums[words[1]] = true
			file.EnumType = append(file.EnumType, e)
		default:
			last := file.MessageType[len(file.MessageType)-1]
			last.Field = append(last.Field, field(tb, name, enums, words))
		}
	}
	fd, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err != nil {
		tb.Fatal(err)
	}
	return fd
}

func field(tb testing.TB, in string, enums map[string]bool, words []string) *descriptorpb.FieldDescriptorProto {
	tb.Helper()
	f := &descriptorpb.FieldDescriptorProto{Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
	if words[0] == "repeated" {
		f.Label, words = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum(), words[1:]
	}
	f.Name, f.Number = new(words[1]), number(tb, words[2])
	kind, isScalar := descriptorpb.FieldDescriptorProto_Type_value["TYPE_"+strings.ToUpper(words[0])]
	switch {
	case isScalar:
		f.Type = descriptorpb.FieldDescriptorProto_Type(kind).Enum()
		return f
	case enums[words[0]]:
		f.Type = descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum()
	default:
		f.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
	}
	f.TypeName = new("." + in + "." + words[0])
	if strings.Contains(words[0], ".") {
		f.TypeName = new("." + words[0])
	}
	return f
}

func number(tb testing.TB, text string) *int32 {
	tb.Helper()
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		tb.Fatal(err)
	}
	return new(int32(n))
}
