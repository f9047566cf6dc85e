package dev.millrace.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> KEYS = List.of("color", "normalize", "std", "perClass");

    @ParameterizedTest
    @CsvSource({
        "colour, color",
        "normalise, normalize",
        "STD, std",
        "per_class, perClass",
        "perclass, perClass"
    })
    void theClosestWordIsFound(String word, String meant) {
        assertEquals(Optional.of(meant), Suggestion.closest(word, KEYS));
    }

    @Test
    void whatIsLikeNothingFindsNothing() {
        assertEquals(Optional.empty(), Suggestion.closest("zzzzzz", KEYS));
        assertEquals(Optional.empty(), Suggestion.closest("color", List.of()));
    }
}
