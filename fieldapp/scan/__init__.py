"""From a camera frame to the instrument in front of it, with no network."""
