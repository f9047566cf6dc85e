package dev.millrace.lab.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each kind's result says in a table. */
class VerdictsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'label': 'cat', 'scores': {'dog': 0.1, 'cat': 0.9}} | cat 0.900",
                "{'label': 'b', 'labels': ['b', 'c'], 'scores': {'a': 0.1, 'b': 0.95, 'c': 0.88}} | b 0.95, c 0.88",
                "{'labels': [], 'scores': {'a': 0.1}} | no label",
                "{'detections': []} | nothing found",
                "{'label': 'cat', 'detections': [{'label': 'cat', 'score': 0.5}, {'label': 'dog', 'score': 0.4}]} | cat 0.50, dog 0.40",
                "{'label': 'sky', 'shares': {'sky': 0.5625, 'road': 0.25}} | sky 0.56, road 0.25",
                "{'shares': {}} | no class",
                "{'embedding': [1, 2, 3]} | 3 numbers",
                "{'label': 'text', 'text_fraction': 0.18, 'boxes': [1, 2]} | 2 boxes, 18.0 % text",
                "{'label': 'warm', 'kelvin': 3100} | warm, kelvin 3100.000",
                "{'error': {'kind': 'poison'}} | error: poison"
            })
    void isAFewWords(String result, String words) throws Exception {
        assertEquals(
                words,
                Verdicts.of(new ObjectMapper().readTree(result.replace((char) 39, (char) 34))));
    }
}
