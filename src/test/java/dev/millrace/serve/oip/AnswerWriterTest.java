package dev.millrace.serve.oip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AnswerWriterTest {
    private static final ImageAnswer CAT =
            classified("{\"label\":\"Käse \\\"1\\\"\"}", "Käse", .5f);
    private static final ImageAnswer DOG = classified("{\"n\":1}", null, .25f);

    private static ImageAnswer classified(String verdict, String label, float score) {
        return new ImageAnswer(
                utf8(verdict), Optional.ofNullable(label), new float[] {score, 1 - score, 1e-8f});
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Answer answer(
            Optional<String> id, RequestedOutputs outputs, ImageAnswer... images) {
        InferenceRequest request = new InferenceRequest(id, List.of(), Optional.empty(), outputs);
        return AnswerWriter.answer("safety", "3f0c", request, List.of(images));
    }

    private static void assertJson(String expected, byte[] found) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        assertEquals(mapper.readTree(expected.replace('\'', '"')), mapper.readTree(found));
    }

    @Test
    void allOfAClassifierAsJson() throws Exception {
        Answer answer = answer(Optional.of("a \"1\""), RequestedOutputs.ALL_JSON, CAT);
        assertEquals(OptionalInt.empty(), answer.inferenceHeaderContentLength());
        assertEquals("application/json", answer.contentType());
        assertJson(
                """
                {'model_name':'safety','model_version':'3f0c','id':'a \\"1\\"','outputs':[
                {'name':'verdict','datatype':'BYTES','shape':[1],
                'data':['{\\"label\\":\\"Käse \\\\\\"1\\\\\\"\\"}']},
                {'name':'label','datatype':'BYTES','shape':[1],'data':['Käse']},
                {'name':'scores','datatype':'FP32','shape':[1,3],'data':[0.5,0.5,1e-8]}]}
                """,
                answer.body());
    }

    @Test
    void severalImagesInBoth() throws Exception {
        RequestedOutputs outputs =
                new RequestedOutputs(
                        List.of(
                                new RequestedOutputs.Named(Output.SCORES, true),
                                new RequestedOutputs.Named(Output.LABEL, false),
                                new RequestedOutputs.Named(Output.VERDICT, true)),
                        false);
        Answer answer = answer(Optional.empty(), outputs, CAT, DOG);
        int json = answer.inferenceHeaderContentLength().orElseThrow();
        assertEquals("application/octet-stream", answer.contentType());
        int verdicts = 4 + CAT.verdictJson().length + 4 + DOG.verdictJson().length;
        assertJson(
                """
                {'model_name':'safety','model_version':'3f0c','outputs':[
                {'name':'scores','datatype':'FP32','shape':[2,3],
                'parameters':{'binary_data_size':24}},
                {'name':'label','datatype':'BYTES','shape':[2],'data':['Käse','']},
                {'name':'verdict','datatype':'BYTES','shape':[2],
                'parameters':{'binary_data_size':%d}}]}
                """
                        .formatted(verdicts),
                Arrays.copyOf(answer.body(), json));
        ByteBuffer binary =
                ByteBuffer.wrap(answer.body(), json, answer.body().length - json)
                        .slice()
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (float score : new float[] {.5f, .5f, 1e-8f, .25f, .75f, 1e-8f}) {
            assertEquals(score, binary.getFloat());
        }
        for (ImageAnswer image : List.of(CAT, DOG)) {
            byte[] verdict = new byte[binary.getInt()];
            binary.get(verdict);
            assertArrayEquals(image.verdictJson(), verdict);
        }
        assertEquals(0, binary.remaining());
    }

    @Test
    void otherModelsHaveAVerdictOnly() throws Exception {
        ImageAnswer boxes =
                new ImageAnswer(utf8("{\"detections\":[]}"), Optional.of("cat"), new float[0]);
        assertJson(
                """
                {'model_name':'safety','model_version':'3f0c','outputs':[
                {'name':'verdict','datatype':'BYTES','shape':[1],
                'data':['{\\"detections\\":[]}']}]}
                """,
                answer(Optional.empty(), RequestedOutputs.ALL_JSON, boxes).body());
    }

    @Test
    void metadata() throws Exception {
        assertJson(
                "{'name':'millrace','version':'1','extensions':['binary_tensor_data','parameters']}",
                Metadata.server("millrace", "1"));
        assertJson(
                """
                {'name':'safety','versions':['3f0c'],'platform':'millrace',
                'inputs':[{'name':'image','datatype':'BYTES','shape':[-1]}],
                'outputs':[{'name':'verdict','datatype':'BYTES','shape':[-1]},
                {'name':'label','datatype':'BYTES','shape':[-1]},
                {'name':'scores','datatype':'FP32','shape':[-1,2]}],'labels':['a','b']}
                """,
                Metadata.model("safety", "3f0c", List.of("a", "b")));
        assertJson(
                """
                {'name':'objects','versions':['1'],'platform':'millrace',
                'inputs':[{'name':'image','datatype':'BYTES','shape':[-1]}],
                'outputs':[{'name':'verdict','datatype':'BYTES','shape':[-1]}]}
                """,
                Metadata.model("objects", "1", List.of()));
        assertJson("{'live':true}", Metadata.live(true));
        assertJson("{'ready':false}", Metadata.ready(false));
        assertJson("{'name':'safety','ready':true}", Metadata.modelReady("safety", true));
        assertJson("{'error':'x \\\"y\\\"'}", Metadata.error("x \"y\""));
    }
}
