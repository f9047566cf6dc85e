package dev.millrace.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SbomCheckTest {
    @Test
    void whatDiffersIsNamed() throws Exception {
        JsonNode bill =
                new ObjectMapper()
                        .readTree(
                                """
                                {"components": [
                                  {"name": "a", "version": "1", "purl": "pkg:maven/g/a@1?type=jar",
                                   "licenses": [{"license": {"id": "MIT"}}]},
                                  {"name": "a", "version": "1", "licenses": [{"license": {"id": "MIT"}}],
                                   "purl": "pkg:maven/g/a@1?classifier=linux-x86_64&type=jar"},
                                  {"name": "b", "version": "2", "purl": "pkg:maven/g/b@2?type=jar",
                                   "licenses": []}
                                ]}""");
        assertEquals(
                List.of("b-2.jar has no licence"),
                SbomCheck.complaints(bill, Set.of("a-1.jar", "a-1-linux-x86_64.jar", "b-2.jar")));
        assertEquals(
                List.of(
                        "a-1-linux-x86_64.jar is in it and is not shipped",
                        "b-2.jar is in it and is not shipped",
                        "b-2.jar has no licence",
                        "b-3.jar is shipped and not in it"),
                SbomCheck.complaints(bill, Set.of("a-1.jar", "b-3.jar")));
    }
}
