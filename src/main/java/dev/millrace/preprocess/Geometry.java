package dev.millrace.preprocess;

import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;

/**
 * Where a resized image lies in an input: the size of the whole, and where its corner is, which may
 * be outside.
 *
 * @param left of the image in input pixels; negative where the input shows the middle of it
 * @param top likewise
 */
record Geometry(int fullWidth, int fullHeight, int left, int top) {

    static Geometry of(ResizeRule rule, int width, int height, int inputWidth, int inputHeight) {
        return switch (rule) {
            case ResizeRule.Stretch() -> new Geometry(inputWidth, inputHeight, 0, 0);
            case ResizeRule.StretchCrop(int fullWidth, int fullHeight) ->
                    centered(fullWidth, fullHeight, inputWidth, inputHeight);
            case ResizeRule.Crop(int shortSide, int _) -> {
                double scale = (double) shortSide / Math.min(width, height);
                yield centered(
                        scaled(width, scale, shortSide),
                        scaled(height, scale, shortSide),
                        inputWidth,
                        inputHeight);
            }
            case ResizeRule.Letterbox letterbox -> {
                double scale = fit(width, height, inputWidth, inputHeight);
                scale = Math.min(scale, (double) letterbox.shortSide() / Math.min(width, height));
                if (!letterbox.upscale()) {
                    scale = Math.min(1, scale);
                }
                int fullWidth = scaled(width, scale, 1);
                int fullHeight = scaled(height, scale, 1);
                yield letterbox.alignment() == ResizeRule.Alignment.CENTER
                        ? centered(fullWidth, fullHeight, inputWidth, inputHeight)
                        : new Geometry(fullWidth, fullHeight, 0, 0);
            }
            case ResizeRule.Border(int mostWidth, int mostHeight, int _) -> {
                double scale = fit(width, height, mostWidth, mostHeight);
                yield centered(
                        scaled(width, scale, 1), scaled(height, scale, 1), inputWidth, inputHeight);
            }
        };
    }

    private static double fit(int width, int height, int mostWidth, int mostHeight) {
        return Math.min((double) mostWidth / width, (double) mostHeight / height);
    }

    private static int scaled(int side, double scale, int least) {
        return Math.max(least, (int) (side * scale + 0.5));
    }

    private static Geometry centered(
            int fullWidth, int fullHeight, int inputWidth, int inputHeight) {
        return new Geometry(
                fullWidth,
                fullHeight,
                (inputWidth - fullWidth) / 2,
                (inputHeight - fullHeight) / 2);
    }

    /** The part of the resized image that an input of this size shows. */
    Resizer.Window shown(int inputWidth, int inputHeight) {
        int fromLeft = Math.max(0, -left);
        int fromTop = Math.max(0, -top);
        return new Resizer.Window(
                fullWidth,
                fullHeight,
                fromLeft,
                fromTop,
                Math.min(fullWidth - fromLeft, inputWidth),
                Math.min(fullHeight - fromTop, inputHeight));
    }

    Placement placement(int width, int height) {
        return new Placement((double) fullWidth / width, (double) fullHeight / height, left, top);
    }
}
