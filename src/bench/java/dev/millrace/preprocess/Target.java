package dev.millrace.preprocess;

import dev.millrace.api.ResizeRule;
import dev.millrace.image.ImageHeader;

/** The two inputs that are measured: of the shipped classifier and of the shipped detector. */
public enum Target {
    STRETCH_224(224, new ResizeRule.Stretch()),
    LETTERBOX_416(416, new ResizeRule.Letterbox(ResizeRule.Alignment.CENTER, 0, true));

    final int side;
    final ResizeRule rule;

    Target(int side, ResizeRule rule) {
        this.side = side;
        this.rule = rule;
    }

    /** What the whole picture is resized to. */
    Resizer.Window window(ImageHeader header) {
        if (this == STRETCH_224) {
            return Resizer.Window.whole(side, side);
        }
        double longest = Math.max(header.width(), header.height());
        return Resizer.Window.whole(
                (int) (header.width() * side / longest + 0.5),
                (int) (header.height() * side / longest + 0.5));
    }

    /** The reduction that {@link DecodedImage} chooses for {@code fidelity: fast}. */
    int reduction(ImageHeader header) {
        Resizer.Window window = window(header);
        int reduction = 1;
        while (reduction < 8
                && header.width() >= 2 * reduction * window.width()
                && header.height() >= 2 * reduction * window.height()) {
            reduction *= 2;
        }
        return reduction;
    }
}
